import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type RawAnswer, sendRaw } from "./raw_http.ts";
import { startSystem, type System } from "./system.ts";

const HEAD = "Host: uji.invalid\r\nContent-Type: application/json\r\n";
const LOGIN = `POST /login HTTP/1.1\r\n${HEAD}`;
/** What an attacker hides behind a request: were it read as one of its own, it would be answered with 200. */
const HIDDEN = "GET /openapi.json HTTP/1.1\r\nHost: uji.invalid\r\nX-Rest: ";

describe("Attacks by malformed HTTP", () => {
  let system: System;
  before(async () => system = await startSystem());
  after(() => system.stop());

  /** Each hides a second request in the body of the first, by a length that two parties may read differently. */
  const smuggled = {
    "a length beside a chunked body": [
      "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
      "0\r\n\r\n",
    ],
    "a chunked body beside a length": [
      "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n",
      "0\r\n\r\nX",
    ],
    "two lengths": ["Content-Length: 0\r\nContent-Length: 44\r\n\r\n", ""],
    "a list of lengths": ["Content-Length: 0, 44\r\n\r\n", ""],
    "a negative length": ["Content-Length: -1\r\n\r\n", ""],
    "a length with a sign": ["Content-Length: +0\r\n\r\n", ""],
    "a length in hexadecimal": ["Content-Length: 0x0\r\n\r\n", ""],
    "a length beyond every number": [`Content-Length: ${"9".repeat(30)}\r\n\r\n`, ""],
    "a length with a space before the colon": ["Content-Length : 0\r\n\r\n", ""],
    "an unknown transfer coding": ["Transfer-Encoding: xchunked\r\n\r\n", "0\r\n\r\n"],
    "chunked before another coding": ["Transfer-Encoding: chunked, identity\r\n\r\n", "0\r\n\r\n"],
    "a coding with a tab before it": [
      "Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n\r\n",
      "0\r\n\r\n",
    ],
    "a coding on a folded line": ["Transfer-Encoding:\r\n chunked\r\n\r\n", "0\r\n\r\n"],
    "a chunk size that overflows": ["Transfer-Encoding: chunked\r\n\r\n", `${"F".repeat(17)}\r\n`],
    "a negative chunk size": ["Transfer-Encoding: chunked\r\n\r\n", "-1\r\n"],
    "a chunk size ended by a bare line feed": ["Transfer-Encoding: chunked\r\n\r\n", "5\nhello\r\n0\r\n\r\n"],
    "a bare carriage return in a header": ["X-A: a\rTransfer-Encoding: chunked\r\n\r\n", "0\r\n\r\n"],
    "a null byte in a header": ["X-A: a\x00b\r\nContent-Length: 0\r\n\r\n", ""],
  };
  for (const [shape, [head, body]] of Object.entries(smuggled)) {
    it(`a request hidden behind ${shape} is refused`, async () => {
      const answer = await send(LOGIN + head, body + HIDDEN);
      const [first = 400] = answer.statuses;
      assert.ok(first >= 400 && first < 500, `${answer.statuses}`);
      // The rest may be read as a second request only by one that closes the message where we did.
      assert.ok(!answer.text.includes('"openapi"'), `${answer.statuses}`);
      await stillAnswers();
    });
  }

  const shapes = {
    "no HTTP at all": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a request of HTTP/0.9": "GET /openapi.json\r\n\r\n",
    "an unknown version": "GET /openapi.json HTTP/3.7\r\nHost: uji.invalid\r\n\r\n",
    "a request without Host": "GET /protected HTTP/1.1\r\n\r\n",
    "two Hosts": "GET /protected HTTP/1.1\r\nHost: a.invalid\r\nHost: b.invalid\r\n\r\n",
    "a Host with a path": "GET /protected HTTP/1.1\r\nHost: a.invalid/admin\r\n\r\n",
    "a Host with a user": "GET /protected HTTP/1.1\r\nHost: admin@a.invalid\r\n\r\n",
    "a header without a colon": `GET /protected HTTP/1.1\r\n${HEAD}Authorization\r\n\r\n`,
    "a header with a space in its name": `GET /protected HTTP/1.1\r\n${HEAD}X A: b\r\n\r\n`,
    "an absolute target elsewhere": "GET http://169.254.169.254/latest HTTP/1.1\r\nHost: uji.invalid\r\n\r\n",
    "CONNECT": "CONNECT 127.0.0.1:5432 HTTP/1.1\r\nHost: uji.invalid\r\n\r\n",
    "TRACE": "TRACE /protected HTTP/1.1\r\nHost: uji.invalid\r\n\r\n",
    "an unknown method": "GETT /protected HTTP/1.1\r\nHost: uji.invalid\r\n\r\n",
    "a method in small letters": "get /protected HTTP/1.1\r\nHost: uji.invalid\r\n\r\n",
    "a target of 1 MB": `GET /${"a".repeat(1_000_000)} HTTP/1.1\r\nHost: uji.invalid\r\n\r\n`,
    "a header of 1 MB": `GET /protected HTTP/1.1\r\nHost: uji.invalid\r\nX-A: ${
      "a".repeat(1_000_000)
    }\r\n\r\n`,
    "ten thousand headers": `GET /protected HTTP/1.1\r\nHost: uji.invalid\r\n${
      "X-A: a\r\n".repeat(10_000)
    }\r\n`,
    "a body of 1 MB": `${LOGIN}Content-Length: 1000000\r\n\r\n${"a".repeat(20_000)}`,
    "a chunked body of 1 MB": `${LOGIN}Transfer-Encoding: chunked\r\n\r\n4E20\r\n${"a".repeat(20_000)}\r\n`,
    "a body of 1,000 chunks of one byte": `${LOGIN}Transfer-Encoding: chunked\r\n\r\n${
      "1\r\n[\r\n".repeat(1_000)
    }0\r\n\r\n`,
    "an Expect that nobody knows": `${LOGIN}Expect: 200-ok\r\nContent-Length: 2\r\n\r\n{}`,
  };
  for (const [shape, request] of Object.entries(shapes)) {
    it(`${shape} is refused`, async () => {
      const answer = await send(request);
      const [status] = answer.statuses;
      if (status === undefined) assert.ok(answer.closed, "neither answered nor closed");
      else assert.ok(status >= 400 && status < 500, `${answer.statuses}`);
      await stillAnswers();
    });
  }

  const paths = {
    "a path that climbs": "/stats/../../../etc/passwd",
    "a path that climbs encoded": "/stats/%2e%2e/%2e%2e/etc/passwd",
    "a path that climbs encoded twice": "/stats/%252e%252e/etc/passwd",
    "a path with backslashes": "/stats/..\\..\\etc\\passwd",
    "a path with an encoded slash": "/stats%2f32",
    "a path with two slashes": "//stats",
    "a path in capitals": "/STATS",
    "a path with a dot at the end": "/stats/.",
    "a path with a semicolon": "/stats;admin=true",
    "a path with a null byte": "/stats%00.json",
    "a path with an overlong encoding": "/%c0%ae%c0%ae/etc/passwd",
    "a path to the operators": "/sms/../metrics/../stats",
    "a path that is no UTF-8": "/penduduk/%ff%fe",
    "a broken percent sign": "/penduduk/%zz",
  };
  for (const [shape, path] of Object.entries(paths)) {
    it(`${shape} does not lead past the check of the token`, async () => {
      const { statuses } = await send(`GET ${path} HTTP/1.1\r\nHost: uji.invalid\r\n\r\n`);
      const [status = 400] = statuses;
      assert.ok([400, 401, 404].includes(status), `${statuses}`);
      await stillAnswers();
    });
  }

  it("a body that comes a byte at a time is cut off", async () => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: system.port });
    await connection.write(new TextEncoder().encode(`${LOGIN}Content-Length: 100\r\n\r\n{"us`));
    const buffer = new Uint8Array(4096);
    const read = await connection.read(buffer);
    assert.match(new TextDecoder().decode(buffer.subarray(0, read ?? 0)), /^HTTP\/1\.1 408 /);
  });

  async function send(...parts: readonly string[]): Promise<RawAnswer> {
    return await sendRaw(system.port, ...parts);
  }

  async function stillAnswers(): Promise<void> {
    const answer = await fetch(`${system.url}/healthz`);
    await answer.body?.cancel();
    assert.equal(answer.status, 200);
  }
});
