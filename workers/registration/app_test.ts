import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decode } from "../../shared/events/penduduk_event.ts";
import { openPersonal } from "../../shared/events/sealed.ts";
import { migrate } from "../../shared/adapters/postgres/migrate.ts";
import { activeKey, generateKeys, parseKeys } from "../../shared/security/key_ring.ts";
import { subjectTag } from "../../shared/security/audit/subject_tag.ts";
import { openTestDatabase, type TestDatabase } from "../../tests/database.ts";
import { FakeAudit } from "../../tests/fakes/audit.ts";
import { fakeIdentity, FROM_EDGE } from "../../tests/fakes/identity.ts";
import { PENDUDUK } from "../../tests/fixtures.ts";
import { createRegistrationApp } from "./app.ts";
import { cancelRegistration } from "./cancellation.ts";
import { nikIndex } from "./key_use.ts";
import { REGISTRY } from "./migrations.ts";
import { createRegistrar } from "./registrar.ts";
import { openRepository } from "./repository.ts";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const keys = parseKeys(generateKeys(new Date("2026-11-22")));
const [UJANG, SITI, MARIFAH] = PENDUDUK;

describe("registration", () => {
  let database: TestDatabase;
  let app: ReturnType<typeof createRegistrationApp>;

  before(async () => {
    database = await openTestDatabase();
    await migrate(database.pool, REGISTRY);
    const repository = openRepository(database.as("registration"), keys);
    app = createRegistrationApp({
      repository,
      registrar: createRegistrar({ repository, keys }),
      identity: fakeIdentity(),
      audit: new FakeAudit(),
      tag: (nik) => subjectTag(keys.audit, nik),
    });
  });
  after(() => database.drop());

  const post = (body: unknown, headers: Record<string, string> = {}, token = "petugas") =>
    app.request("/penduduk", {
      method: "POST",
      headers: {
        ...FROM_EDGE,
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        ...headers,
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const get = (id: string, token: string) =>
    app.request(`/penduduk/${id}`, { headers: { ...FROM_EDGE, authorization: `Bearer ${token}` } });
  const count = async (table: "penduduk" | "outbox") =>
    (await database.pool.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows[0]?.n;
  const cancel = (id: string, token = "admin") =>
    app.request(`/penduduk/${id}`, {
      method: "DELETE",
      headers: { ...FROM_EDGE, authorization: `Bearer ${token}` },
    });
  const events = async () =>
    (await database.pool.query<{ aggregateid: string; payload: string }>("select * from outbox order by seq"))
      .rows.map(({ aggregateid, payload }) => {
        const decoded = decode(new TextEncoder().encode(payload));
        assert.ok(decoded.kind === "event");
        return { key: aggregateid, ...decoded.event };
      });
  const empty = () => database.pool.query("truncate penduduk, outbox, cancellation");

  describe("POST /penduduk", () => {
    it("refuses without a token, with a strange one and for a role that may not", async () => {
      assert.equal((await app.request("/penduduk", { method: "POST", headers: FROM_EDGE })).status, 401);
      assert.equal((await post(UJANG, {}, "nobody")).status, 401);
      assert.equal((await post(UJANG, {}, "auditor")).status, 403);
    });

    it("stores person and event and answers 201 with the person", async () => {
      await empty();
      const answer = await post({ ...SITI, provinsi: " dki  JAKARTA " });
      assert.equal(answer.status, 201);
      const person = await answer.json();
      assert.equal(answer.headers.get("location"), `/penduduk/${person.id}`);
      assert.equal(person.nik, SITI.nik);
      assert.equal(person.nama, SITI.nama);
      assert.equal(person.provinsi, "Daerah Khusus Ibukota Jakarta");
      assert.equal(person.kode, "31");
      assert.deepEqual(person.warnings, []);
      assert.deepEqual([await count("penduduk"), await count("outbox")], [1, 1]);
    });

    it("writes an event that counts without the key and names the person only with it", async () => {
      await empty();
      const { id } = await (await post(UJANG)).json();
      const { rows } = await database.pool.query<{ aggregateid: string; payload: string }>(
        "select * from outbox",
      );
      const row = rows[0];
      assert.equal(row?.aggregateid, id);
      assert.ok(!row?.payload.includes(UJANG.nik) && !row?.payload.includes(UJANG.nama));
      const decoded = decode(new TextEncoder().encode(row?.payload));
      assert.ok(decoded.kind === "event" && decoded.event.type === "penduduk.terdaftar");
      const { personal, ...clear } = decoded.event.data;
      assert.deepEqual(clear, { kode: "32", jenisKelamin: "laki-laki", tahunLahir: 1990 });
      const opened = openPersonal(personal, keys.events);
      assert.ok(opened.kind === "opened");
      assert.deepEqual(opened.personal, { nik: UJANG.nik, nama: UJANG.nama });
    });

    it("keeps nothing personal in clear in the table", async () => {
      await empty();
      await post(UJANG);
      const { rows } = await database.pool.query<{ row: string }>(
        "select encode(nik || nama || alamat || nik_index, 'escape') || penduduk::text as row from penduduk",
      );
      for (const value of [UJANG.nik, UJANG.nama, UJANG.alamat]) assert.ok(!rows[0]?.row.includes(value));
    });

    it("refuses a known NIK with 409 and says nothing of the first person", async () => {
      await empty();
      await post(UJANG);
      const answer = await post({ ...SITI, nik: UJANG.nik });
      assert.equal(answer.status, 409);
      const text = await answer.text();
      assert.equal(JSON.parse(text).code, "NIK_REGISTERED");
      for (const value of [UJANG.nama, UJANG.alamat, UJANG.provinsi, UJANG.nik]) {
        assert.ok(!text.includes(value));
      }
      assert.deepEqual([await count("penduduk"), await count("outbox")], [1, 1]);
    });

    it("answers one 201 and one 409 to two requests with one NIK at the same instant", async () => {
      await empty();
      const answers = await Promise.all([post(UJANG), post(UJANG)]);
      assert.deepEqual(answers.map((answer) => answer.status).sort(), [201, 409]);
      assert.deepEqual([await count("penduduk"), await count("outbox")], [1, 1]);
    });

    it("names every wrong field at once", async () => {
      const answer = await post({ nik: "12", nama: "", provinsi: "Jawa Barrat", tambahan: true });
      assert.equal(answer.status, 400);
      const problem = await answer.json();
      assert.deepEqual(problem.errors.map((error: { field: string }) => error.field).sort(), [
        "alamat",
        "nama",
        "nik",
        "provinsi",
        "tambahan",
      ]);
      assert.match(JSON.stringify(problem.errors), /mungkin maksud Anda \\"Jawa Barat\\"/);
      assert.match(problem.traceId, /^[0-9a-f]{32}$/);
    });

    it("warns of what an officer should look at, and registers all the same", async () => {
      await empty();
      const answer = await post({ ...MARIFAH, provinsi: "Bali" });
      assert.equal(answer.status, 201);
      const { warnings } = await answer.json();
      assert.deepEqual(warnings.map((warning: { code: string }) => warning.code), [
        "WILAYAH_LAMA",
        "PROVINSI_BERBEDA",
      ]);
    });
  });

  describe("Idempotency-Key", () => {
    it("gives the first answer again to the same key and data", async () => {
      await empty();
      const key = { "idempotency-key": "kunci-1" };
      const first = await (await post(UJANG, key)).json();
      const again = await post(UJANG, key);
      assert.equal(again.status, 201);
      assert.deepEqual(await again.json(), first);
      assert.deepEqual([await count("penduduk"), await count("outbox")], [1, 1]);
    });

    it("refuses the same key with other data", async () => {
      await empty();
      const key = { "idempotency-key": "kunci-2" };
      await post(UJANG, key);
      const answer = await post(SITI, key);
      assert.equal(answer.status, 422);
      assert.equal((await answer.json()).code, "IDEMPOTENCY_KEY_REUSED");
      assert.equal(await count("penduduk"), 1);
    });

    it("belongs to one caller: another may use the same", async () => {
      await empty();
      const key = { "idempotency-key": "kunci-3" };
      assert.equal((await post(UJANG, key, "petugas.a")).status, 201);
      assert.equal((await post(SITI, key, "petugas.b")).status, 201);
    });

    it("does not turn a known NIK into a success for somebody else", async () => {
      await empty();
      await post(UJANG, { "idempotency-key": "kunci-4" }, "petugas.a");
      assert.equal((await post(UJANG, { "idempotency-key": "kunci-4" }, "petugas.b")).status, 409);
    });

    it("answers 409 while the first request is still running, and its answer afterwards", async () => {
      await empty();
      const client = await database.pool.connect();
      await client.query("begin; lock table penduduk in access exclusive mode");
      const key = { "idempotency-key": "kunci-5" };
      const first = post(UJANG, key);
      const second = await post(UJANG, key);
      assert.equal(second.status, 409);
      assert.equal(second.headers.get("retry-after"), "1");
      assert.equal((await second.json()).code, "IDEMPOTENCY_IN_FLIGHT");
      await client.query("commit");
      client.release();
      assert.equal((await first).status, 201);
      assert.equal((await post(UJANG, key)).status, 201);
      assert.equal(await count("penduduk"), 1);
    });

    it("takes a key with or without the quotes of its structured form for the same", async () => {
      await empty();
      const first = await (await post(UJANG, { "idempotency-key": '"kunci-6"' })).json();
      const again = await (await post(UJANG, { "idempotency-key": "kunci-6" })).json();
      assert.equal(again.id, first.id);
    });

    it("refuses a key that is too long or not printable", async () => {
      for (const key of ["x".repeat(256), "a b", '"', ""]) {
        assert.equal((await post(UJANG, { "idempotency-key": key })).status, 400);
      }
    });
  });

  describe("GET /penduduk/{id}", () => {
    it("shows the NIK to officers and to whoever registered it, and masks it for the rest", async () => {
      await empty();
      const { id } = await (await post(UJANG, {}, "warga.a")).json();
      for (
        const [token, nik] of [
          ["petugas", UJANG.nik],
          ["warga.a", UJANG.nik],
          ["admin", "320***********91"],
          ["auditor", "320***********91"],
        ] as const
      ) {
        const answer = await get(id, token);
        assert.equal(answer.status, 200);
        assert.equal(answer.headers.get("cache-control"), "no-store");
        const person = await answer.json();
        assert.ok(person.nik === nik, token);
        assert.ok(person.nama === UJANG.nama && person.alamat === UJANG.alamat);
        assert.equal(person.provinsi, "Jawa Barat");
      }
    });

    it("hides from residents what another registered, as if it were not there", async () => {
      await empty();
      const { id } = await (await post(UJANG, {}, "warga.a")).json();
      const hidden = await (await get(id, "warga.b")).json();
      const absent = await (await get(crypto.randomUUID(), "warga.b")).json();
      assert.deepEqual({ ...hidden, traceId: "" }, { ...absent, traceId: "" });
      assert.equal(hidden.code, "NOT_FOUND");
    });

    it("answers 404 to what is no id", async () => {
      for (const id of ["1", "x'--", "%00", "0190a6f2-7c1e-7b4a-9d2e"]) {
        assert.equal((await get(id, "petugas")).status, 404);
      }
    });

    it("refuses without a token", async () => {
      assert.equal(
        (await app.request(`/penduduk/${crypto.randomUUID()}`, { headers: FROM_EDGE })).status,
        401,
      );
    });
  });

  describe("DELETE /penduduk/{id}", () => {
    it("refuses without a token and to everybody but admins, and takes nobody out", async () => {
      await empty();
      const { id } = await (await post(UJANG, {}, "warga.a")).json();
      const anonymous = await app.request(`/penduduk/${id}`, { method: "DELETE", headers: FROM_EDGE });
      assert.equal(anonymous.status, 401);
      for (const token of ["petugas", "warga.a", "auditor"]) {
        assert.equal((await cancel(id, token)).status, 403, token);
      }
      assert.equal((await get(id, "warga.a")).status, 200);
      assert.deepEqual([await count("penduduk"), await count("outbox")], [1, 1]);
    });

    it("takes the person out with 204 and leaves nothing personal behind", async () => {
      await empty();
      const { id } = await (await post(UJANG, { "idempotency-key": "kunci-7" })).json();
      const answer = await cancel(id);
      assert.equal(answer.status, 204);
      assert.equal(await answer.text(), "");
      assert.equal((await get(id, "petugas")).status, 404);
      assert.equal(await count("penduduk"), 0);
      const { rows: [left] } = await database.pool.query<{ columns: string[] }>(
        "select array_agg(column_name::text order by ordinal_position) as columns from information_schema.columns where table_name = 'cancellation'",
      );
      assert.deepEqual(left?.columns, ["id", "kode_provinsi", "idempotency", "cancelled_at", "retry_key"]);
    });

    it("writes an event under the registration's key, with what it was counted under and nothing personal", async () => {
      await empty();
      const { id } = await (await post(SITI)).json();
      await cancel(id);
      const [registered, cancelled, ...more] = await events();
      assert.deepEqual(more, []);
      assert.ok(registered?.type === "penduduk.terdaftar" && cancelled?.type === "penduduk.dibatalkan");
      assert.deepEqual([cancelled.key, cancelled.subject], [registered.key, registered.subject]);
      assert.notEqual(cancelled.id, registered.id);
      const { personal: _, ...counted } = registered.data;
      assert.deepEqual(cancelled.data, counted);
    });

    it("counts by the century of the day of registration, however much later it is cancelled", async () => {
      await empty();
      let today = new Date("2026-11-22T05:00:00Z");
      const repository = openRepository(database.as("registration"), keys);
      const app = createRegistrationApp({
        repository,
        registrar: createRegistrar({ repository, keys, now: () => today }),
        identity: fakeIdentity(),
        audit: new FakeAudit(),
        tag: (nik) => subjectTag(keys.audit, nik),
        now: () => today,
      });
      const headers = { ...FROM_EDGE, authorization: "Bearer admin", "content-type": "application/json" };
      // Born in 1930: in 2031 the same digits would mean a baby.
      const nik = `${UJANG.nik.slice(0, 6)}010130${UJANG.nik.slice(12)}`;
      const body = JSON.stringify({ ...UJANG, nik });
      const { id } = await (await app.request("/penduduk", { method: "POST", headers, body })).json();
      today = new Date("2031-11-22T05:00:00Z");
      assert.equal((await app.request(`/penduduk/${id}`, { method: "DELETE", headers })).status, 204);
      assert.deepEqual((await events()).map(({ data }) => data.tahunLahir), [1930, 1930]);
    });

    it("answers 404 when it is not there or was cancelled already, and writes no second event", async () => {
      await empty();
      const { id } = await (await post(UJANG)).json();
      assert.equal((await cancel(id)).status, 204);
      for (const absent of [id, crypto.randomUUID(), "1", "x'--"]) {
        const answer = await cancel(absent);
        assert.equal(answer.status, 404);
        assert.equal((await answer.json()).code, "NOT_FOUND");
      }
      assert.equal(await count("outbox"), 2);
    });

    it("takes the person out once when several ask at the same instant", async () => {
      await empty();
      const { id } = await (await post(UJANG)).json();
      const answers = await Promise.all(Array.from({ length: 5 }, () => cancel(id)));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 404, 404, 404, 404]);
      assert.equal(await count("outbox"), 2);
    });

    it("lets the same NIK be registered anew, as another registration", async () => {
      await empty();
      const first = await (await post(UJANG)).json();
      await cancel(first.id);
      const again = await post(UJANG, { "idempotency-key": "kunci-8" });
      assert.equal(again.status, 201);
      assert.notEqual((await again.json()).id, first.id);
      assert.deepEqual((await events()).map(({ type }) => type), [
        "penduduk.terdaftar",
        "penduduk.dibatalkan",
        "penduduk.terdaftar",
      ]);
    });

    it("keeps its Idempotency-Key: a late repetition brings nobody back, a new key does", async () => {
      await empty();
      const key = { "idempotency-key": "kunci-9" };
      const { id } = await (await post(UJANG, key)).json();
      await cancel(id);
      for (const body of [UJANG, SITI]) {
        const answer = await post(body, key);
        assert.equal(answer.status, 409);
        assert.equal((await answer.json()).code, "REGISTRATION_CANCELLED");
      }
      assert.deepEqual([await count("penduduk"), await count("outbox")], [0, 2]);
      assert.equal((await post(UJANG, { "idempotency-key": "kunci-10" })).status, 201);
      assert.equal((await post(UJANG, key)).status, 409);
    });

    it("brings nobody back by a repetition that waits for the cancellation to end", async () => {
      await empty();
      const key = { "idempotency-key": "kunci-11" };
      const { id } = await (await post(UJANG, key)).json();
      const client = await database.pool.connect();
      await client.query("begin");
      const held = openRepository(client, keys);
      assert.ok(
        await cancelRegistration({ repository: held, id, traceparent: TRACEPARENT, now: new Date() }),
      );
      const repeated = post(UJANG, key);
      const waiting =
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
      const deadline = AbortSignal.timeout(10_000);
      while ((await client.query(waiting)).rowCount === 0) deadline.throwIfAborted();
      await client.query("commit");
      client.release();
      assert.equal((await repeated).status, 503);
      assert.equal(await count("penduduk"), 0);
      assert.equal((await (await post(UJANG, key)).json()).code, "REGISTRATION_CANCELLED");
    });

    it("answers 503 with Retry-After when the store is away", async () => {
      const answer = await withoutStore().request(`/penduduk/${crypto.randomUUID()}`, {
        method: "DELETE",
        headers: { ...FROM_EDGE, authorization: "Bearer admin" },
      });
      assert.equal(answer.status, 503);
      assert.ok(answer.headers.get("retry-after"));
      assert.equal((await answer.json()).code, "STORE_UNAVAILABLE");
    });
  });

  it("answers 503 with Retry-After when the store is away, and stores nothing", async () => {
    const answer = await withoutStore().request("/penduduk", {
      method: "POST",
      headers: { ...FROM_EDGE, authorization: "Bearer petugas", "content-type": "application/json" },
      body: JSON.stringify(UJANG),
    });
    assert.equal(answer.status, 503);
    assert.ok(answer.headers.get("retry-after"));
    const problem = await answer.json();
    assert.equal(problem.title, "Gagal menyimpan data");
    assert.equal(problem.code, "STORE_UNAVAILABLE");
  });

  it("finds residents by the blind index that the key makes", async () => {
    await empty();
    await post(UJANG);
    const { rowCount } = await database.pool.query("select 1 from penduduk where nik_index = $1", [
      nikIndex({ id: keys.blindIndex.active, bytes: activeKey(keys.blindIndex) }, { nik: UJANG.nik }),
    ]);
    assert.equal(rowCount, 1);
  });
});

function withoutStore(): ReturnType<typeof createRegistrationApp> {
  const query = () => Promise.reject(Object.assign(new Error("x"), { code: "57P01" }));
  const repository = openRepository({ query }, keys);
  return createRegistrationApp({
    repository,
    registrar: createRegistrar({ repository, keys }),
    identity: fakeIdentity(),
    audit: new FakeAudit(),
    tag: (nik) => subjectTag(keys.audit, nik),
  });
}
