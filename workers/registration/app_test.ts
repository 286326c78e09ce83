import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decode } from "../../shared/events/penduduk_event.ts";
import { openPersonal } from "../../shared/events/sealed.ts";
import { migrate } from "../../shared/adapters/postgres/migrate.ts";
import { toNik } from "../../shared/penduduk/testing.ts";
import { blindIndex, generateKeys, parseKeys } from "../../shared/security/key_ring.ts";
import { openTestDatabase, type TestDatabase } from "../../tests/database.ts";
import { fakeIdentity, FROM_EDGE } from "../../tests/fakes/identity.ts";
import { PENDUDUK } from "../../tests/fixtures.ts";
import { createRegistrationApp } from "./app.ts";
import { REGISTRY } from "./migrations.ts";
import { createRegistrar } from "./registrar.ts";
import { openRepository } from "./repository.ts";

const keys = parseKeys(generateKeys(new Date("2026-11-22")));
const [UJANG, SITI, MARIFAH] = PENDUDUK;

describe("registration", () => {
  let database: TestDatabase;
  let app: ReturnType<typeof createRegistrationApp>;

  before(async () => {
    database = await openTestDatabase();
    await migrate(database.pool, REGISTRY);
    const repository = openRepository(database.pool, keys.columns);
    app = createRegistrationApp({
      repository,
      registrar: createRegistrar({ repository, keys }),
      identity: fakeIdentity(),
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
  const empty = () => database.pool.query("truncate penduduk, outbox");

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

  it("answers 503 with Retry-After when the store is away, and stores nothing", async () => {
    const away = openRepository({
      query: () => Promise.reject(Object.assign(new Error("x"), { code: "57P01" })),
    }, keys.columns);
    const broken = createRegistrationApp({
      repository: away,
      registrar: createRegistrar({ repository: away, keys }),
      identity: fakeIdentity(),
    });
    const answer = await broken.request("/penduduk", {
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
      blindIndex(keys, toNik(UJANG.nik)),
    ]);
    assert.equal(rowCount, 1);
  });
});
