import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { migrate } from "../../shared/adapters/postgres/migrate.ts";
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

const keys = parseKeys(generateKeys(new Date("2026-11-22")));
const [JAWA_BARAT, JAKARTA] = PENDUDUK;

describe("A caller bound to a province", () => {
  let database: TestDatabase;
  let app: ReturnType<typeof createRegistrationApp>;

  before(async () => {
    database = await openTestDatabase();
    await migrate(database.pool, REGISTRY);
    const repository = openRepository(database.as("registration"), keys);
    const registrar = createRegistrar({ repository, keys });
    app = createRegistrationApp({
      repository,
      registrar,
      identity: fakeIdentity(),
      audit: new FakeAudit(),
      tag: (nik) => subjectTag(keys.audit, nik),
    });
  });
  after(() => database.drop());

  for (const role of ["petugas", "warga", "admin"]) {
    it(`as ${role} registers there, and nobody elsewhere`, async () => {
      await database.pool.query("truncate penduduk, outbox");
      assert.equal((await post(JAWA_BARAT, `${role}~32`)).status, 201);
      const answer = await post(JAKARTA, `${role}~32`);
      assert.equal(answer.status, 403);
      const { code, detail } = await answer.json();
      assert.equal(code, "FORBIDDEN");
      assert.equal(detail, "Akun Anda hanya dapat mendaftarkan penduduk Provinsi Jawa Barat");
      const { rows } = await database.pool.query("select kode_provinsi from penduduk");
      assert.deepEqual(rows, [{ kode_provinsi: "32" }]);
    });
  }

  it("is not told whether a NIK is registered elsewhere", async () => {
    await database.pool.query("truncate penduduk, outbox");
    await post(JAKARTA, "petugas");
    assert.equal((await post(JAKARTA, "petugas~32")).status, 403);
  });

  it("reads a person of another province as if there were none, whatever the role", async () => {
    await database.pool.query("truncate penduduk, outbox");
    const { id } = await (await post(JAKARTA, "petugas")).json();
    for (const role of ["petugas", "admin", "auditor"]) {
      assert.equal((await ask("GET", id, `${role}~31`)).status, 200, role);
      const hidden = await ask("GET", id, `${role}~32`);
      const absent = await ask("GET", crypto.randomUUID(), `${role}~32`);
      assert.deepEqual([hidden.status, absent.status], [404, 404], role);
      assert.deepEqual({ ...await hidden.json(), traceId: "" }, { ...await absent.json(), traceId: "" });
    }
  });

  it("reads not even an own registration of another province, once moved away", async () => {
    await database.pool.query("truncate penduduk, outbox");
    const { id } = await (await post(JAKARTA, "petugas~31")).json();
    await database.pool.query("update penduduk set created_by = 'sub-petugas~32'");
    assert.equal((await ask("GET", id, "petugas~32")).status, 404);
  });

  it("takes a registration back there only", async () => {
    await database.pool.query("truncate penduduk, outbox");
    const { id } = await (await post(JAKARTA, "petugas")).json();
    assert.equal((await ask("DELETE", id, "admin~32")).status, 404);
    assert.equal((await ask("GET", id, "petugas")).status, 200, "it is still there");
    assert.equal((await ask("DELETE", id, "admin~31")).status, 204);
  });

  function post(body: unknown, token: string) {
    return app.request("/penduduk", {
      method: "POST",
      headers: { ...FROM_EDGE, authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  function ask(method: "GET" | "DELETE", id: string, token: string) {
    const headers = { ...FROM_EDGE, authorization: `Bearer ${token}` };
    return app.request(`/penduduk/${id}`, { method, headers });
  }
});
