import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { PENDUDUK } from "../fixtures.ts";
import { type Client, signIn } from "./client.ts";
import { registrationJourney } from "./journey.ts";
import { eventually, freePort, startProcess, type TestProcess, waitUntilReady } from "./process.ts";

const [ujang, siti, marifah] = PENDUDUK;

describe("the system behind its edge", () => {
  let database: TestDatabase;
  let system: TestProcess;
  let edge = "";
  let petugas: Client;
  let admin: Client;
  let unlimited: Client;
  let dataDir = "";

  before(async () => {
    database = await openTestDatabase();
    dataDir = await Deno.makeTempDir();
    const port = await freePort();
    edge = `http://127.0.0.1:${port}`;
    const env = { PORT: String(port), DATA_DIR: dataDir, DATABASE_URL: database.url };
    system = startProcess("ops/tasks/dev.ts", { env });
    await waitUntilReady(`${edge}/readyz`, system);
    petugas = await signIn(edge, "petugas");
    admin = await signIn(edge, "admin");
    unlimited = await signInService(edge);
  });
  after(async () => {
    await system.stop();
    await database.drop();
    await Deno.remove(dataDir, { recursive: true });
  });

  const cancel = ({ authorization }: Client, path: string) =>
    fetch(edge + path, { method: "DELETE", headers: { authorization } });

  registrationJourney(() => edge);

  describe("login", () => {
    it("gives tokens for the right password and 401 for a wrong one or a stranger", async () => {
      const login = (username: string, password: string) =>
        fetch(`${edge}/login`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ username, password }),
        });
      const tokens = await (await login("warga", "warga-rahasia")).json();
      assert.deepEqual(Object.keys(tokens).sort(), [
        "access_token",
        "expires_in",
        "refresh_token",
        "token_type",
      ]);
      const wrong = await login("warga", "wrong");
      const stranger = await login("nobody", "wrong");
      assert.deepEqual([wrong.status, stranger.status], [401, 401]);
      assert.equal((await wrong.json()).code, "WRONG_CREDENTIALS");
      assert.equal((await stranger.json()).code, "WRONG_CREDENTIALS");
    });

    it("refreshes once with each refresh token, and ends the session at logout", async () => {
      const send = (path: string, body: unknown) =>
        fetch(edge + path, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
      const first = await (await send("/login", { username: "warga", password: "warga-rahasia" })).json();
      const second = await send("/refresh", { refresh_token: first.refresh_token });
      const { refresh_token, access_token } = await second.json();
      const protectedAnswer = await fetch(`${edge}/protected`, {
        headers: { authorization: `Bearer ${access_token}` },
      });
      assert.deepEqual(await protectedAnswer.json(), { message: "Akses diotorisasi" });
      assert.equal((await send("/logout", { refresh_token })).status, 204);
      assert.equal((await send("/refresh", { refresh_token })).status, 401);
    });

    it("answers 401 at /protected without a token", async () => {
      const answer = await fetch(`${edge}/protected`);
      assert.equal(answer.status, 401);
      assert.equal((await answer.json()).code, "UNAUTHENTICATED");
    });
  });

  describe("bad input", () => {
    const valid = { ...siti, nik: "3171015505859994" };
    const withNik = (nik: string) => ({ ...valid, nik });
    const cases:
      readonly (readonly [what: string, body: unknown, status: number, fields?: readonly string[]])[] = [
        ["what is not JSON", "{nik:", 400],
        ["an empty body", "", 400],
        ["an array", "[]", 400],
        ["duplicate keys", '{"nik":"1","nik":"2"}', 400, ["nik"]],
        ["wrong types", { nik: 1, nama: null, alamat: [], provinsi: {} }, 400, [
          "alamat",
          "nama",
          "nik",
          "provinsi",
        ]],
        ["nothing at all", {}, 400, ["alamat", "nama", "nik", "provinsi"]],
        ["unknown fields", { ...valid, agama: "x" }, 400, ["agama"]],
        ["a field of the prototype", '{"__proto__":{"nik":"1"}}', 400, [
          "__proto__",
          "alamat",
          "nama",
          "nik",
          "provinsi",
        ]],
        ["a NIK of 15 digits", withNik("317101550585999"), 400, ["nik"]],
        ["a NIK of 17 digits", withNik("31710155058599941"), 400, ["nik"]],
        ["a NIK with letters", withNik("31710155O5859994"), 400, ["nik"]],
        ["full-width digits", withNik("３１７１０１５５０５８５９９９４"), 400, ["nik"]],
        ["day 00", withNik("3171010005859994"), 400, ["nik"]],
        ["day 32", withNik("3171013205859994"), 400, ["nik"]],
        ["day 72", withNik("3171017205859994"), 400, ["nik"]],
        ["month 13", withNik("3171011513859994"), 400, ["nik"]],
        ["29 February of a common year", withNik("3171012902859994"), 400, ["nik"]],
        ["serial 0000", withNik("3171015505850000"), 400, ["nik"]],
        ["province code 00", withNik("0071015505859994"), 400, ["nik"]],
        ["a province code never issued", withNik("9971015505859994"), 400, ["nik"]],
        ["an unknown province", { ...valid, provinsi: "Atlantis" }, 400, ["provinsi"]],
        ["an emoji in the name", { ...valid, nama: "Siti 😀" }, 400, ["nama"]],
        ["NUL in the name", { ...valid, nama: "Siti\u0000" }, 400, ["nama"]],
        ["a right-to-left mark in the address", { ...valid, alamat: "Jalan \u200f1" }, 400, ["alamat"]],
        ["a name of 5,000 characters", { ...valid, nama: "a".repeat(5_000) }, 400, ["nama"]],
        ["a body over 16 KiB", { ...valid, alamat: "a".repeat(17_000) }, 413],
      ];
    for (const [what, body, status, fields] of cases) {
      it(`refuses ${what} with ${status} and names the field`, async () => {
        const answer = await unlimited.post("/penduduk", body);
        assert.equal(answer.status, status);
        assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
        const problem = await answer.json();
        assert.match(problem.traceId, /^[0-9a-f]{32}$/);
        if (fields) {
          assert.deepEqual(problem.errors.map((error: { field: string }) => error.field).sort(), fields);
        }
      });
    }

    it("refuses another media type with 415", async () => {
      const answer = await petugas.post("/penduduk", "nik=1", {
        "content-type": "application/x-www-form-urlencoded",
      });
      assert.equal(answer.status, 415);
    });

    it("suggests the nearest province", async () => {
      const answer = await petugas.post("/penduduk", { ...valid, provinsi: "Jawa Tenggah" });
      assert.match((await answer.json()).errors[0].detail, /"Jawa Tengah"/);
    });

    it("takes a province spelled in five ways for one", async () => {
      const spellings = ["DKI Jakarta", "jakarta", "31", " Daerah  Khusus Ibukota JAKARTA", "D.K.I. Jakarta"];
      const names = await Promise.all(spellings.map(async (provinsi, i) => {
        const answer = await petugas.post("/penduduk", { ...valid, nik: `317101550585998${i}`, provinsi });
        return (await answer.json()).provinsi;
      }));
      assert.deepEqual(new Set(names), new Set(["Daerah Khusus Ibukota Jakarta"]));
    });

    it("takes a NIK of a retired region and a name with apostrophes, with a warning", async () => {
      const answer = await petugas.post("/penduduk", marifah);
      assert.equal(answer.status, 201);
      const { warnings } = await answer.json();
      assert.deepEqual(warnings.map((warning: { code: string }) => warning.code), ["WILAYAH_LAMA"]);
    });
  });

  it("registers one NIK that comes twice at the same instant once: one event, one count, one SMS", async () => {
    // What earlier tests registered is still on its way.
    await eventually("the system is at rest", async () => {
      const { registry, events, statistics, sms, smsExpected } = await reconcile(edge);
      return registry === events && registry === statistics && sms.sent === smsExpected;
    });
    const before = await reconcile(edge);
    const person = { ...siti, nik: "3171015505859995" };
    const answers = await Promise.all([petugas.post("/penduduk", person), petugas.post("/penduduk", person)]);
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [201, 409]);
    await eventually("everything has caught up", async () => {
      const { registry, events, statistics, sms } = await reconcile(edge);
      return registry === before.registry + 1 && events === before.events + 1 &&
        statistics === before.statistics + 1 && sms.sent === before.sms.sent + 1;
    });
  });

  it("takes a registration back everywhere: no resident, no count, and no second SMS", async () => {
    const before = await reconcile(edge);
    const { id } = await (await petugas.post("/penduduk", { ...siti, nik: "3171015505859994" })).json();
    assert.equal((await cancel(petugas, `/penduduk/${id}`)).status, 403);
    assert.equal((await cancel(admin, `/penduduk/${id}`)).status, 204);
    assert.equal((await cancel(admin, `/penduduk/${id}`)).status, 404);
    assert.equal((await petugas.get(`/penduduk/${id}`)).status, 404);
    await eventually("everything has caught up", async () => {
      const { registry, cancelled, events, statistics, sms, smsExpected } = await reconcile(edge);
      return registry === before.registry && cancelled["31"] === 1 && events === before.events + 2 &&
        statistics === before.statistics && sms.sent === before.sms.sent + 1 && sms.sent === smsExpected;
    });
    assert.equal((await reconcile(edge)).deadLetters, before.deadLetters);
  });

  describe("statistics", () => {
    it("show all 38 provinces to admins, and their sum under 00", async () => {
      const stats = await (await admin.get("/stats")).json();
      assert.equal(stats.length, 38);
      const sum = stats.reduce((sum: number, row: { jumlah: number }) => sum + row.jumlah, 0);
      const country = await (await admin.get("/stats/00")).json();
      assert.equal(country.jumlah, sum);
      assert.ok(Date.parse(country.asOf) > 0);
    });

    it("come as server-sent events as they change", async () => {
      const stop = new AbortController();
      const answer = await fetch(`${edge}/stats/stream`, {
        headers: { authorization: admin.authorization },
        signal: stop.signal,
      });
      assert.match(answer.headers.get("content-type") ?? "", /^text\/event-stream/);
      let text = "";
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
      const jumlahs = () => [...text.matchAll(/"jumlah":(\d+),"provinsi"/g)].map(([, n]) => Number(n));
      while (jumlahs().length === 0) text += (await reader?.read())?.value ?? "";
      const [first = 0] = jumlahs();
      const { id } = await (await petugas.post("/penduduk", { ...ujang, nik: "3201010101909996" })).json();
      while (!jumlahs().includes(first + 1)) text += (await reader?.read())?.value ?? "";
      assert.equal((await cancel(admin, `/penduduk/${id}`)).status, 204);
      while (jumlahs().at(-1) !== first) text += (await reader?.read())?.value ?? "";
      stop.abort();
    });

    it("are refused to other roles", async () => {
      assert.equal((await petugas.get("/stats")).status, 403);
      assert.equal((await petugas.get("/sms")).status, 403);
    });
  });

  it("describes itself in OpenAPI 3.1 with the schemas that validate", async () => {
    const document = await (await fetch(`${edge}/openapi.json`)).json();
    assert.equal(document.openapi, "3.1.0");
    assert.deepEqual(Object.keys(document.paths["/penduduk"].post.responses).sort(), [
      "201",
      "400",
      "401",
      "403",
      "408",
      "409",
      "413",
      "415",
      "422",
      "429",
      "502",
      "503",
      "504",
    ]);
    assert.match(await (await fetch(`${edge}/docs`)).text(), /<html lang="id">/);
  });

  it("shows operators health, readiness by dependency, and metrics", async () => {
    assert.deepEqual(await (await fetch(`${edge}/healthz`)).json(), { status: "ok" });
    const { dependencies } = await (await fetch(`${edge}/readyz`)).json();
    assert.equal(dependencies.postgresql, "ok");
    const metrics = await (await fetch(`${edge}/metrics`)).text();
    assert.match(metrics, /http_server_request_duration_seconds_count\{.*route="\/penduduk"/);
  });

  it("gives each user exactly 100 requests in a minute, and another user is not touched", async () => {
    const auditor = await signIn(edge, "auditor");
    const statuses: number[] = [];
    for (let i = 0; i < 101; i++) {
      const answer = await auditor.get("/protected");
      statuses.push(answer.status);
      if (i < 100) {
        await answer.body?.cancel();
        continue;
      }
      assert.ok(Number(answer.headers.get("retry-after")) > 0);
      assert.match(answer.headers.get("ratelimit") ?? "", /^"menit";r=0;t=\d+$/);
      assert.equal((await answer.json()).code, "RATE_LIMITED");
    }
    assert.deepEqual(statuses, [...Array<number>(100).fill(200), 429]);
    assert.equal((await petugas.get("/protected")).status, 200);
  });
});

/** The service account, whose requests are not limited. */
async function signInService(edge: string): Promise<Client> {
  const answer = await fetch(`${edge}/realms/gov-realm/protocol/openid-connect/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa("simulasi:simulasi-rahasia")}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const { access_token } = await answer.json();
  const headers = { authorization: `Bearer ${access_token}`, "content-type": "application/json" };
  return {
    authorization: headers.authorization,
    get: (path) => fetch(edge + path, { headers }),
    post: (path, body) =>
      fetch(edge + path, {
        method: "POST",
        headers,
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
  };
}

async function reconcile(edge: string) {
  return await (await fetch(`${edge}/reconcile`)).json();
}
