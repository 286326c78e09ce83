import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { readAnswer } from "./read_answer.ts";

const WITH_LENGTH = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nisi";
const IN_CHUNKS = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
const NO_CONTENT = "HTTP/1.1 204 No Content\r\n";

describe("an answer of an origin", () => {
  it("is read alike wherever the line cuts it, each piece written over by the next", async () => {
    const cut = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
    const body = fc.string({ unit: "binary-ascii", maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(body, fc.boolean(), cut, async (text, inChunks, sizes) => {
        const bytes = inChunks ? chunked(text, sizes) : `content-length: ${text.length}\r\n\r\n${text}`;
        const { answer, mayGoOn } = await read(`HTTP/1.1 200 OK\r\nX-Jenis: uji\r\n${bytes}`, { sizes });
        assert.deepEqual([answer.status, answer.headers[0], decode(answer.body), mayGoOn], [
          ...[200, ["x-jenis", "uji"], text, true],
        ]);
      }),
      { numRuns: 200 },
    );
  });

  for (
    const [name, { text, method = "GET", body, mayGoOn }] of Object.entries({
      "without a body, by its status": { text: `${NO_CONTENT}\r\n`, body: "", mayGoOn: true },
      "without a body, by its method": {
        text: "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n",
        method: "HEAD",
        body: "",
        mayGoOn: true,
      },
      "until the end of the connection": {
        text: "HTTP/1.1 200 OK\r\n\r\nsemua",
        body: "semua",
        mayGoOn: false,
      },
      "behind others that only say to wait": {
        text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </>\r\n\r\n" + WITH_LENGTH,
        body: "isi",
        mayGoOn: true,
      },
      "with chunks that have extensions, and headers behind them": {
        text: `${IN_CHUNKS}3;a=b\r\nisi\r\n0\r\nx-akhir: 1\r\n\r\n`,
        body: "isi",
        mayGoOn: true,
      },
      "over a connection that its side closes": {
        text: WITH_LENGTH.replace("\r\n", "\r\nConnection: Close\r\n"),
        body: "isi",
        mayGoOn: false,
      },
      "of the older protocol": { text: WITH_LENGTH.replace("1.1", "1.0"), body: "isi", mayGoOn: false },
      "with more behind it than it told": { text: `${WITH_LENGTH}HTTP/1.1`, body: "isi", mayGoOn: false },
    })
  ) {
    it(`is read ${name}`, async () => {
      const { answer, mayGoOn: went } = await read(text, { method });
      assert.deepEqual([decode(answer.body), went], [body, mayGoOn]);
    });
  }

  for (
    const [name, text] of Object.entries({
      "breaks off in its head": "HTTP/1.1 200 OK\r\ncontent-le",
      "breaks off in its body": WITH_LENGTH.slice(0, -1),
      "breaks off in a chunk": `${IN_CHUNKS}3\r\nis`,
      "breaks off before its last chunk": `${IN_CHUNKS}3\r\nisi\r\n`,
      "is not HTTP": "SSH-2.0-OpenSSH\r\n\r\n",
      "is of another version": WITH_LENGTH.replace("1.1", "2.0"),
      "changes the protocol": "HTTP/1.1 101 Switching Protocols\r\n\r\n",
      "tells a length and chunks": `${IN_CHUNKS.replace("\r\n", "\r\ncontent-length: 3\r\n")}0\r\n\r\n`,
      "tells two lengths": WITH_LENGTH.replace("\r\n", "\r\ncontent-length: 4\r\n"),
      "tells a length that is no number": WITH_LENGTH.replace("3", "+3"),
      "tells a length that is too large": WITH_LENGTH.replace("3", "99999999"),
      "has a coding nobody knows": IN_CHUNKS.replace("chunked", "gzip, chunked"),
      "is compressed, unasked": WITH_LENGTH.replace("\r\n", "\r\ncontent-encoding: gzip\r\n"),
      "has a line that goes on from the one before": WITH_LENGTH.replace("\r\n", "\r\nx-a: 1\r\n 2\r\n"),
      "has a space before a colon": WITH_LENGTH.replace("length:", "length :"),
      "has a chunk of no size": `${IN_CHUNKS}\r\nisi\r\n0\r\n\r\n`,
      "has a chunk that is longer than its size": `${IN_CHUNKS}2\r\nisi\r\n0\r\n\r\n`,
      "has a head without an end": `HTTP/1.1 200 OK\r\nx-a: ${"a".repeat(70_000)}`,
    })
  ) {
    it(`is refused when it ${name}`, async () => {
      await assert.rejects(read(text), TypeError);
    });
  }
});

function chunked(text: string, sizes: readonly number[]): string {
  let bytes = "transfer-encoding: chunked\r\n\r\n";
  for (let at = 0, i = 0; at < text.length; i++) {
    const chunk = text.slice(at, at += sizes[i % sizes.length] ?? 1);
    bytes += `${chunk.length.toString(16)}\r\n${chunk}\r\n`;
  }
  return `${bytes}0\r\n\r\n`;
}

/** Over one buffer, in pieces of these sizes in turn. */
async function read(text: string, { sizes = [4_096], method = "GET" }: Reading = {}) {
  const bytes = new TextEncoder().encode(text);
  const buffer = new Uint8Array(4_096);
  let at = 0;
  let piece = 0;
  return await readAnswer(() => {
    const part = bytes.subarray(at, at += sizes[piece++ % sizes.length] ?? 1);
    buffer.fill(0).set(part);
    return Promise.resolve(part.length === 0 ? undefined : buffer.subarray(0, part.length));
  }, method);
}

interface Reading {
  readonly sizes?: readonly number[];
  readonly method?: string;
}

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
