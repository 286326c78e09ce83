import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import { type EmbeddedOfficers, openEmbeddedOfficers } from "../../shared/adapters/embedded/sms/officers.ts";
import { OfficerAnswer, OfficerList } from "../../shared/http/schemas/officers.ts";
import { parseTelepon } from "../../shared/ports/sms.ts";
import { generateKeys, parseKeys } from "../../shared/security/key_ring.ts";
import { openTestDatabase, type TestDatabase } from "../../tests/database.ts";
import { FakeAudit } from "../../tests/fakes/audit.ts";
import { fakeIdentity, FROM_EDGE, TOKEN_ROLES } from "../../tests/fakes/identity.ts";
import { FakeLedgerStore } from "../../tests/fakes/sms.ts";
import { TELEPON } from "../../tests/fixtures.ts";
import { createNotificationApp } from "./app.ts";

const [first, second] = TELEPON;

describe("The officers of the API", () => {
  let database: TestDatabase;
  let officers: EmbeddedOfficers;
  let audit: FakeAudit;

  before(async () => {
    database = await openTestDatabase();
    const { columns } = parseKeys(generateKeys(new Date()));
    const defaultOfficer = parseTelepon("+6281100000000") ?? assert.fail();
    officers = await openEmbeddedOfficers(database.as("notification"), columns, { defaultOfficer });
  });
  after(() => database.drop());
  beforeEach(async () => {
    audit = new FakeAudit();
    for (const { kode, petugas } of await list()) {
      for (const { id } of petugas) await request("DELETE", `/petugas/${kode}/${id}`);
    }
    audit.entries.length = 0;
  });

  it("are those of all 38 provinces, none where the default officer is told", async () => {
    const provinces = await list();
    assert.equal(provinces.length, 38);
    assert.deepEqual(provinces.flatMap(({ petugas }) => petugas), []);
  });

  it("are added, corrected under the same id, and taken off", async () => {
    const { id, telepon } = await add("32", first);
    assert.match(telepon, /^\+\*+901$/);
    assert.deepEqual(await of("32"), [{ id, telepon }]);
    const changed = OfficerAnswer.parse(await (await put("32", id, second)).json());
    assert.equal(changed.id, id);
    assert.match(changed.telepon, /902$/);
    assert.deepEqual(await of("32"), [changed]);
    assert.equal((await request("DELETE", `/petugas/32/${id}`)).status, 204);
    assert.deepEqual(await of("32"), []);
    assert.equal((await request("DELETE", `/petugas/32/${id}`)).status, 404);
  });

  it("have each number once in a province", async () => {
    const { id } = await add("32", first);
    const again = await post("32", first);
    assert.deepEqual([again.status, (await again.json()).code], [409, "NUMBER_TAKEN"]);
    const other = await add("32", second);
    assert.equal((await put("32", other.id, first)).status, 409);
    assert.deepEqual((await of("32")).map(({ id }) => id), [id, other.id]);
  });

  it("are unknown in another province, and under what is no id", async () => {
    const { id } = await add("32", first);
    assert.equal((await put("31", id, second)).status, 404);
    assert.equal((await put("32", "default", second)).status, 404);
    assert.equal((await post("99", first)).status, 404);
  });

  for (const telepon of ["", "110", "x".repeat(41), 812]) {
    it(`have no number such as ${JSON.stringify(telepon)}`, async () => {
      assert.equal((await post("32", telepon)).status, 400);
    });
  }

  it("take what E.164 allows and nothing else, as the reader of numbers does", async () => {
    for (
      const telepon of [
        "+62811000",
        "+6281100",
        "+6281100000000",
        "+60123456789",
        "+6201234567",
        "+12025550100",
      ]
    ) {
      const { status } = await post("31", telepon);
      assert.equal(status === 201, parseTelepon(telepon) === telepon, telepon.slice(0, 4));
    }
  });

  it("leave no number whole in any answer or audit line, and each change a line with the officer's id", async () => {
    const added = await post("32", first);
    const text = await added.text();
    const { id } = OfficerAnswer.parse(JSON.parse(text));
    const changed = await (await put("32", id, second)).text();
    const all = `${text}${changed}${JSON.stringify(await list())}${JSON.stringify(audit.entries)}`;
    for (const number of TELEPON) assert.ok(!all.includes(number.slice(3)), "a number is told");
    assert.deepEqual(
      audit.entries.slice(0, 2).map(({ action, outcome, record }) => [action, outcome, record]),
      [["petugas.tambah", "success", id], ["petugas.ubah", "success", id]],
    );
  });

  it("are refused to everybody but an admin of the whole country", async () => {
    for (const token of [...TOKEN_ROLES.filter((role) => role !== "admin"), "admin~32"]) {
      assert.equal((await request("GET", "/petugas", undefined, token)).status, 403, token);
      assert.equal((await request("POST", "/petugas/32", { telepon: first }, token)).status, 403, token);
    }
    assert.deepEqual(await of("32"), []);
  });

  async function request(method: string, path: string, body?: unknown, token = "admin"): Promise<Response> {
    const app = createNotificationApp({
      ledger: new FakeLedgerStore().open(),
      officers,
      identity: fakeIdentity(),
      audit,
    });
    return await app.request(path, {
      method,
      headers: { ...FROM_EDGE, authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }
  const post = (kode: string, telepon: unknown) => request("POST", `/petugas/${kode}`, { telepon });
  const put = (kode: string, id: string, telepon: unknown) =>
    request("PUT", `/petugas/${kode}/${id}`, { telepon });
  const list = async () => OfficerList.parse(await (await request("GET", "/petugas")).json());
  const of = async (kode: string) =>
    (await list()).find((province) => province.kode === kode)?.petugas ?? assert.fail();
  async function add(kode: string, telepon: string): Promise<OfficerAnswer> {
    const answer = await post(kode, telepon);
    assert.equal(answer.status, 201);
    return OfficerAnswer.parse(await answer.json());
  }
});
