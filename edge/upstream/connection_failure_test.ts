import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { neverLeft } from "./connection_failure.ts";

// On whatever runtime runs this: tests/deploy/bundle_test.ts has Node do so.
describe("neverLeft", () => {
  it("knows a port where nobody listens", async () => {
    const server = await listen();
    const port = portOf(server);
    await close(server);
    assert.equal(neverLeft(await failure(`http://127.0.0.1:${port}/`)), true);
  });

  it("knows a name that nobody has", async () => {
    assert.equal(neverLeft(await failure("http://nobody.invalid/")), true);
  });

  it("does not take a connection that breaks before the answer for one that never was", async () => {
    const server = await listen();
    server.on("connection", (socket) => socket.on("error", () => {}).on("data", () => socket.destroy()));
    assert.equal(neverLeft(await failure(`http://127.0.0.1:${portOf(server)}/`)), false);
    await close(server);
  });

  it("does not take a missed deadline, or what it does not know, for one", async () => {
    const server = await listen();
    const deadline = new AbortController();
    server.on("connection", () => deadline.abort(new DOMException("Deadline passed", "TimeoutError")));
    assert.equal(neverLeft(await failure(`http://127.0.0.1:${portOf(server)}/`, deadline.signal)), false);
    await close(server);
    for (
      const error of [new TypeError("fetch failed"), new Error("ECONNREFUSED"), "ECONNREFUSED", undefined]
    ) {
      assert.equal(neverLeft(error), false);
    }
  });
});

async function failure(url: string, signal = new AbortController().signal): Promise<unknown> {
  const body = new Blob(["{}"]).stream();
  const init: RequestInit & { duplex: "half" } = { method: "POST", body, signal, duplex: "half" };
  try {
    await fetch(new Request(url, init));
  } catch (error) {
    return error;
  }
  return assert.fail("there was an answer");
}

async function listen(): Promise<Server> {
  const server = createServer();
  // Or `close` would wait for what the client keeps open.
  server.on("connection", (socket) => server.on("close now", () => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address ? address.port : assert.fail("it does not listen");
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.emit("close now");
  });
}
