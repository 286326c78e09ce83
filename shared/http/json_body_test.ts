import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { z } from "zod";
import { createApp } from "./app.ts";
import { readJson } from "./json_body.ts";

const app = createApp({ service: "test" });
app.post("/", async (c) => c.json(await readJson(c, z.strictObject({ a: z.string(), b: z.string() }))));

describe("readJson", () => {
  it("reads a well-formed object", async () => {
    assert.deepEqual(await (await post('{"a":"1","b":"2"}')).json(), { a: "1", b: "2" });
  });

  for (
    const [what, body] of [
      ["not JSON", "{a:1}"],
      ["an empty body", ""],
      ["an array", "[]"],
      ["null", "null"],
      ["a text", '"a"'],
      ["two objects", "{}{}"],
    ] as const
  ) {
    it(`refuses ${what} as malformed`, async () => {
      const answer = await post(body);
      assert.equal(answer.status, 400);
      assert.equal((await answer.json()).code, "MALFORMED_JSON");
    });
  }

  it("refuses bytes that are not UTF-8", async () => {
    const answer = await post(new Uint8Array([0x7b, 0xff, 0x7d]));
    assert.equal((await answer.json()).code, "MALFORMED_JSON");
  });

  it("names every missing, unknown and wrong field at once", async () => {
    const problem = await (await post('{"a":1,"c":2}')).json();
    assert.equal(problem.code, "INVALID_INPUT");
    assert.deepEqual(problem.errors, [
      { field: "a", detail: "Jenis nilai salah" },
      { field: "b", detail: "Wajib diisi" },
      { field: "c", detail: "Isian ini tidak dikenal" },
    ]);
  });

  it("refuses a field that is written twice, however its name is escaped", async () => {
    const problem = await (await post('{"a":"1","b":"2","\\u0061":"3"}')).json();
    assert.deepEqual(problem.errors, [{ field: "a", detail: "Ditulis lebih dari sekali" }]);
  });

  it("is not deceived by braces, quotes and colons inside texts", async () => {
    assert.equal((await post('{"a":"{\\"a\\":1,","b":"}:"}')).status, 200);
  });

  it("answers deep nesting like any wrong type, without exhausting the stack", async () => {
    const answer = await post(`{"b":"1","a":${"[".repeat(7_000)}${"]".repeat(7_000)}}`);
    assert.deepEqual((await answer.json()).errors, [{ field: "a", detail: "Jenis nilai salah" }]);
  });

  it("refuses another media type", async () => {
    assert.equal((await post("{}", "text/plain")).status, 415);
  });

  it("takes the media type with parameters and in any case", async () => {
    assert.equal((await post('{"a":"1","b":"2"}', "Application/JSON; charset=utf-8")).status, 200);
  });

  it("refuses more than 16 KiB, whether announced or streamed", async () => {
    const body = `{"a":"${"x".repeat(17_000)}","b":""}`;
    assert.equal((await post(body)).status, 413);
    const streamed = await app.request("/", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: new Blob([body]).stream(),
    });
    assert.equal(streamed.status, 413);
    assert.equal((await streamed.json()).code, "BODY_TOO_LARGE");
  });
});

function post(body: string | Uint8Array<ArrayBuffer>, contentType = "application/json"): Promise<Response> {
  const length = typeof body === "string" ? new TextEncoder().encode(body).length : body.length;
  const headers = { "content-type": contentType, "content-length": String(length) };
  return Promise.resolve(app.request("/", { method: "POST", headers, body }));
}
