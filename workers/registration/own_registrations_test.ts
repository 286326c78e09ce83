import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { migrate } from "../../shared/adapters/postgres/migrate.ts";
import { OwnPage } from "../../shared/http/schemas/own_registrations.ts";
import { maskNik, type Nik, parseNik } from "../../shared/penduduk/nik.ts";
import { generateKeys, parseKeys } from "../../shared/security/key_ring.ts";
import { subjectTag } from "../../shared/security/audit/subject_tag.ts";
import { openTestDatabase, type TestDatabase } from "../../tests/database.ts";
import { FakeAudit } from "../../tests/fakes/audit.ts";
import { fakeIdentity, FROM_EDGE } from "../../tests/fakes/identity.ts";
import { PENDUDUK } from "../../tests/fixtures.ts";
import { createRegistrationApp } from "./app.ts";
import { REGISTRY } from "./migrations.ts";
import { createRegistrar } from "./registrar.ts";
import { openRepository } from "./repository.ts";

const [UJANG, SITI, MARIFAH] = PENDUDUK;
const NOON = new Date("2026-11-23T05:00:00Z");

describe("GET /penduduk/milik-saya", () => {
  let database: TestDatabase;
  let app: ReturnType<typeof createRegistrationApp>;
  let audit: FakeAudit;
  let now: Date;

  before(async () => {
    database = await openTestDatabase();
    await migrate(database.pool, REGISTRY);
    const keys = parseKeys(generateKeys(new Date("2026-11-22")));
    const repository = openRepository(database.as("registration"), keys);
    audit = new FakeAudit();
    app = createRegistrationApp({
      repository,
      registrar: createRegistrar({ repository, keys, now: () => now }),
      identity: fakeIdentity(),
      audit,
      tag: (nik) => subjectTag(keys.audit, nik),
      now: () => now,
    });
  });
  after(() => database.drop());
  beforeEach(async () => {
    await database.pool.query("truncate penduduk, outbox");
    now = NOON;
  });

  it("lists what the caller has registered, the newest first, and of each what the receipt shows", async () => {
    const first = await register(UJANG, "petugas", new Date(NOON.getTime() - 60_000));
    const second = await register(SITI, "petugas");
    await register(MARIFAH, "warga");
    const { jumlah, entries, next } = await list("petugas");
    assert.deepEqual([jumlah, next], [2, null]);
    assert.deepEqual(entries.map(({ id }) => id), [second, first]);
    assert.deepEqual(entries[1], {
      id: first,
      nik: maskNik(nikOf(UJANG.nik)),
      nama: UJANG.nama,
      provinsi: "Jawa Barat",
      kode: "32",
      createdAt: "2026-11-23T04:59:00.000Z",
    });
  });

  it("begins with the day in Jakarta, or with the instant that it is told, and ends before the other", async () => {
    await register(UJANG, "petugas", new Date("2026-11-22T16:59:59Z"));
    const today = await register(SITI, "petugas", new Date("2026-11-22T17:00:00Z"));
    assert.deepEqual((await list("petugas")).entries.map(({ id }) => id), [today]);
    assert.equal((await list("petugas", "?since=2026-11-22T00:00:00%2B07:00")).jumlah, 2);
    assert.equal((await list("petugas", "?since=2026-11-22T16:59:59Z&until=2026-11-22T17:00:00Z")).jumlah, 1);
    assert.equal((await list("petugas", "?since=2026-11-22T17:00:00.001Z")).jumlah, 0);
  });

  it("goes on page by page and counts all of the period on each", async () => {
    const ids = [
      await register(UJANG, "petugas"),
      await register(SITI, "petugas", new Date("2026-11-23T05:00:01Z")),
    ];
    const first = await list("petugas", "?limit=1");
    assert.deepEqual([first.jumlah, first.entries[0]?.id, first.next], [2, ids[1], ids[1]]);
    const second = await list("petugas", `?limit=1&before=${first.next}`);
    assert.deepEqual([second.jumlah, second.entries[0]?.id], [2, ids[0]]);
    assert.deepEqual((await list("petugas", `?limit=1&before=${second.next}`)).entries, []);
  });

  it("shows whoever is bound to a province none that he registered in another before", async () => {
    await register(UJANG, "petugas~32");
    await database.pool.query("update penduduk set created_by = 'sub-petugas~31'");
    assert.equal((await list("petugas~31")).jumlah, 0);
    await database.pool.query("update penduduk set created_by = 'sub-petugas~32'");
    assert.equal((await list("petugas~32")).jumlah, 1);
  });

  it("shows nothing of a registration that was taken back", async () => {
    const id = await register(UJANG, "petugas");
    const headers = { ...FROM_EDGE, authorization: "Bearer admin" };
    assert.equal((await app.request(`/penduduk/${id}`, { method: "DELETE", headers })).status, 204);
    assert.deepEqual(await list("petugas"), { jumlah: 0, entries: [], next: null });
  });

  it("leaves one audit line, which counts the persons", async () => {
    await register(UJANG, "petugas");
    await register(SITI, "petugas");
    audit.entries.length = 0;
    await list("petugas");
    assert.deepEqual(audit.entries.map(({ action, outcome, count }) => ({ action, outcome, count })), [
      { action: "penduduk.baca", outcome: "success", count: 2 },
    ]);
  });

  it("refuses strangers and auditors, and a question that it does not understand", async () => {
    assert.equal((await app.request("/penduduk/milik-saya", { headers: FROM_EDGE })).status, 401);
    assert.equal((await ask("auditor")).status, 403);
    for (
      const query of ["?since=today", "?before=1", "?limit=101", "?limit=0", "?nik=1", "?limit=1&limit=2"]
    ) {
      const answer = await ask("petugas", query);
      assert.equal(answer.status, 400, query);
      assert.equal((await answer.json()).code, "INVALID_INPUT");
    }
  });

  it("finds them by the index, however many others have registered", async () => {
    await database.pool.query(
      `insert into penduduk (id, nik_index, key_id, nik, nama, alamat, kode_provinsi, created_at, created_by)
      select gen_random_uuid(), sha256(n::text::bytea), 'k', '', '', '', '32', now(), 'sub-' || n % 20
      from generate_series(1, 5000) as n`,
    );
    await database.pool.query("analyze penduduk");
    const { rows } = await database.as("registration").query<{ "QUERY PLAN": string }>(
      "explain select from penduduk where created_by = $1 and id >= $2 order by id desc limit 1",
      ["sub-1", "01a00000-0000-0000-0000-000000000000"],
    );
    assert.match(rows.map((row) => row["QUERY PLAN"]).join("\n"), /penduduk_registrar/);
  });

  function ask(token: string, query = "") {
    const headers = { ...FROM_EDGE, authorization: `Bearer ${token}` };
    return app.request(`/penduduk/milik-saya${query}`, { headers });
  }

  async function list(token: string, query = ""): Promise<OwnPage> {
    const answer = await ask(token, query);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("cache-control"), "no-store");
    return OwnPage.parse(await answer.json());
  }

  async function register(person: unknown, token: string, at = NOON): Promise<string> {
    now = at;
    const answer = await app.request("/penduduk", {
      method: "POST",
      headers: { ...FROM_EDGE, authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(person),
    });
    now = NOON;
    assert.equal(answer.status, 201);
    return (await answer.json()).id;
  }
});

function nikOf(text: string): Nik {
  const parsed = parseNik(text, NOON);
  return parsed.kind === "invalid" ? assert.fail() : parsed.nik;
}
