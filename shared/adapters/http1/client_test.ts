import { afterEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { neverLeft } from "../../../edge/upstream/connection_failure.ts";
import { openHttp1Client } from "./client.ts";
import { Connection } from "./connection.ts";
import type { Http1Request } from "./request_bytes.ts";

describe("the HTTP/1.1 client", () => {
  const origins: TestOrigin[] = [];
  const open = async (answer: Answer) => {
    const origin = await openOrigin(answer);
    origins.push(origin);
    return origin;
  };
  afterEach(async () => {
    for (const origin of origins.splice(0)) await origin.close();
  });

  it("sends method, path with query, headers and body, and answers status, headers and body", async () => {
    const origin = await open(({ socket }) =>
      socket.write(`HTTP/1.1 201 Created\r\nX-Uji: ya\r\n${LENGTH_2}`)
    );
    const send = openHttp1Client({ keepIdleMs: 1_000 });
    const body = new TextEncoder().encode('{"alamat":"Jl. Sédap"}').buffer;
    const answer = await send({
      ...origin.get,
      method: "POST",
      path: "/a?b=%20c",
      headers: { "x-b": "é" },
      body,
    });
    assert.deepEqual([answer.status, answer.headers[0], text(answer.body)], [201, ["x-uji", "ya"], "ya"]);
    const [head = "", sent] = origin.received[0]?.split("\r\n\r\n") ?? [];
    assert.deepEqual(head.split("\r\n"), [
      "POST /a?b=%20c HTTP/1.1",
      `host: 127.0.0.1:${new URL(origin.get.origin).port}`,
      "x-b: é",
      "accept-encoding: identity",
      "content-length: 23",
    ]);
    assert.equal(Buffer.from(sent ?? "", "latin1").toString(), '{"alamat":"Jl. Sédap"}');
  });

  it("keeps its connection for the next request, and not for one that comes too late", async () => {
    const clock = { now: 0 };
    const origin = await open(({ socket }) => socket.write(OK));
    const send = openHttp1Client({ keepIdleMs: 1_000, now: () => clock.now });
    await send(origin.get);
    clock.now += 999;
    await send(origin.get);
    assert.equal(origin.connections(), 1);
    clock.now += 1_000;
    await send(origin.get);
    assert.equal(origin.connections(), 2);
  });

  it("has a connection for each request under way", async () => {
    const waiting: Socket[] = [];
    const origin = await open(({ socket }) => {
      if (waiting.push(socket) === 3) { for (const each of waiting) each.write(OK); }
    });
    const send = openHttp1Client({ keepIdleMs: 1_000 });
    await Promise.all([send(origin.get), send(origin.get), send(origin.get)]);
    assert.equal(origin.connections(), 3);
  });

  it("takes a new connection once the other side has closed the kept one, or spoken unasked", async () => {
    for (const farewell of ["", "HTTP/1.1 408 Request Timeout\r\n\r\n"]) {
      const origin = await open(({ socket }) => socket.write(OK));
      const send = openHttp1Client({ keepIdleMs: 60_000 });
      await send(origin.get);
      await origin.hangUp(farewell);
      assert.equal((await send({ ...origin.get, method: "POST", body: new ArrayBuffer(2) })).status, 200);
      assert.equal(origin.connections(), 2);
      assert.equal(origin.received.length, 2);
    }
  });

  it("does not use a connection again that its side said it would close", async () => {
    const origin = await open(({ socket }) => socket.write(OK.replace("\r\n", "\r\nconnection: close\r\n")));
    const send = openHttp1Client({ keepIdleMs: 1_000 });
    await send(origin.get);
    await send(origin.get);
    assert.equal(origin.connections(), 2);
  });

  it("sends a request once, though the kept connection breaks without an answer", async () => {
    const origin = await open(({ socket, nth }) => nth === 1 ? socket.write(OK) : socket.destroy());
    const send = openHttp1Client({ keepIdleMs: 1_000 });
    await send(origin.get);
    const error = await rejected(send({ ...origin.get, method: "POST", body: new ArrayBuffer(2) }));
    assert.ok(error instanceof TypeError);
    assert.equal(neverLeft(error), false);
    assert.equal(origin.received.length, 2);
  });

  it("tells when nothing was sent, because no connection came about", async () => {
    const origin = await open(() => {});
    await origin.close();
    const send = openHttp1Client({ keepIdleMs: 1_000 });
    for (const url of [origin.get.origin, "http://tidak-ada.invalid:8001"]) {
      assert.equal(neverLeft(await rejected(send({ ...origin.get, origin: url }))), true, url);
    }
  });

  it("ends with the signal's reason, and takes the connection with it, so that the origin hears of it", async () => {
    const caller = new AbortController();
    const reason = new DOMException("Deadline passed", "TimeoutError");
    let gone = Promise.resolve();
    const origin = await open(({ socket }) => {
      gone = new Promise((resolve) => void socket.once("close", () => resolve()));
      caller.abort(reason);
    });
    const send = openHttp1Client({ keepIdleMs: 1_000 });
    assert.equal(await rejected(send({ ...origin.get, signal: caller.signal })), reason);
    await gone;
    assert.equal(await rejected(send({ ...origin.get, signal: caller.signal })), reason);
    assert.equal(origin.received.length, 1);
  });

  it("sends nothing when the signal aborted while the connection came about", async () => {
    const origin = await open(({ socket }) => socket.write(OK));
    const connection = await Connection.open(origin.get.origin, new AbortController().signal);
    const reason = new DOMException("Deadline passed", "TimeoutError");
    assert.equal(
      await rejected(connection.exchange({ ...origin.get, signal: AbortSignal.abort(reason) })),
      reason,
    );
    assert.equal(connection.isOver, true);
    assert.equal(origin.received.length, 0);
  });

  it("reads what is larger than its buffer", async () => {
    const long = "panjang ".repeat(40_000);
    const origin = await open(({ socket }) =>
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${long.length}\r\n\r\n${long}`)
    );
    const answer = await openHttp1Client({ keepIdleMs: 1_000 })(origin.get);
    assert.equal(text(answer.body), long);
  });

  it("sends nothing of a header or path that would break out of its line", async () => {
    const origin = await open(({ socket }) => socket.write(OK));
    const send = openHttp1Client({ keepIdleMs: 1_000 });
    for (const value of ["a\r\nx-edge: 1", "a\nb", "a\0b"]) {
      assert.ok(await rejected(send({ ...origin.get, headers: { "x-a": value } })) instanceof TypeError);
    }
    await send({ ...origin.get, path: "/a b\r\nx-a: 1" });
    assert.deepEqual(origin.received.map((request) => request.split("\r\n")[0]), [
      "GET /a%20bx-a:%201 HTTP/1.1",
    ]);
  });
});

const LENGTH_2 = "content-length: 2\r\n\r\nya";
const OK = `HTTP/1.1 200 OK\r\n${LENGTH_2}`;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function rejected(sending: Promise<unknown>): Promise<unknown> {
  try {
    await sending;
  } catch (error) {
    return error;
  }
  assert.fail("an answer came");
}

/** Calls `answer` for every request that has come whole. */
async function openOrigin(answer: Answer): Promise<TestOrigin> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket)).on("error", () => {});
    let request = "";
    socket.setEncoding("latin1").on("data", (part) => {
      request += part;
      const [head = "", body] = request.split("\r\n\r\n");
      const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
      if (body === undefined || body.length < length) return;
      received.push(request);
      request = "";
      answer({ socket, nth: received.length });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    received,
    connections: () => connections,
    get: {
      ...{ origin: `http://127.0.0.1:${port}`, path: "/", method: "GET", headers: {}, body: undefined },
      signal: new AbortController().signal,
    },
    async hangUp(farewell) {
      const closed = [...sockets].map((socket) =>
        new Promise<void>((resolve) => void socket.once("close", () => resolve()).end(farewell))
      );
      await Promise.all(closed);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

type Answer = (request: { readonly socket: Socket; readonly nth: number }) => unknown;

interface TestOrigin {
  /** Each request that has come whole, a character for each byte. */
  readonly received: readonly string[];
  connections(): number;
  /** A request to it. */
  readonly get: Http1Request;
  /** Closes all connections behind these words; resolves when the other side has closed them, too. */
  hangUp(farewell: string): Promise<void>;
  close(): Promise<void>;
}
