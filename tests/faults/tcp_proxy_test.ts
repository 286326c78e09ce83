import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { TcpProxy } from "./tcp_proxy.ts";

describe("the TCP fault proxy", () => {
  let server: Server;
  let heard = "";
  let proxy: TcpProxy;
  let port: number | undefined;
  const clients: Socket[] = [];

  before(async () => {
    server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.on("data", (bytes) => {
        heard += bytes;
        socket.write(`gema ${bytes}`);
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    port = addressOf(server).port;
  });
  after(() => server.close());
  beforeEach(async () => {
    heard = "";
    proxy = await TcpProxy.listen(() => port);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await proxy[Symbol.asyncDispose]();
  });

  it("passes what both sides say", async () => {
    const client = await join();
    assert.equal(await said(client, "satu"), "gema satu");
    assert.equal(await said(client, "dua"), "gema dua");
  });

  it("passes large answers whole and in order", async () => {
    const client = await join();
    const text = Array.from({ length: 20_000 }, (_, i) => String(i).padStart(10, "0")).join("");
    let back = "";
    client.on("data", (bytes) => back += bytes);
    client.write(text);
    while (back.replaceAll("gema ", "").length < text.length) await once(client, "data");
    assert.ok(back.replaceAll("gema ", "") === text);
  });

  it("hung: takes connections, passes nothing, and after healing what was held back", async () => {
    const old = await join();
    proxy.break({ kind: "hung" });
    const young = await join();
    old.write("lama");
    young.write("baru");
    assert.equal(await within(50, Promise.race([once(old, "data"), once(young, "data")])), "nothing");
    assert.equal(heard, "");
    const answers = Promise.all([once(old, "data"), once(young, "data")]);
    proxy.heal();
    assert.deepEqual((await answers).map(String), ["gema lama", "gema baru"]);
  });

  it("slow: passes everything so much later, in order", async () => {
    const client = await join();
    proxy.break({ kind: "slow", ms: 40 });
    const begun = performance.now();
    let back = "";
    client.on("data", (bytes) => back += bytes);
    client.write("satu");
    client.write("dua");
    while (!back.includes("dua")) await once(client, "data");
    assert.ok(performance.now() - begun >= 79, "There and back take 40 ms each");
    assert.match(back, /satu.*dua/s);
    proxy.heal();
    assert.equal(await said(client, "tiga"), "gema tiga");
  });

  it("reset: ends old and new connections with a reset, and lets new ones pass after healing", async () => {
    const old = await join();
    await said(old, "satu");
    const oldError = once(old, "error");
    proxy.break({ kind: "reset" });
    assert.equal((await oldError)[0].code, "ECONNRESET");
    const young = connect(proxy.port, "127.0.0.1");
    clients.push(young);
    assert.equal((await once(young, "error"))[0].code, "ECONNRESET");
    proxy.heal();
    assert.equal(await said(await join(), "dua"), "gema dua");
  });

  it("half-open: the server hears the client, and no answer comes, not even after healing", async () => {
    const client = await join();
    await said(client, "satu");
    proxy.break({ kind: "half-open" });
    client.write("dua");
    assert.equal(await within(50, once(client, "data")), "nothing");
    assert.equal(heard, "satudua");
    proxy.heal();
    client.write("tiga");
    assert.equal(await within(50, once(client, "data")), "nothing");
    assert.equal(heard, "satuduatiga");
    assert.equal(await said(await join(), "empat"), "gema empat");
  });

  it("resets who comes while there is no server, and joins whoever comes when there is one", async () => {
    const there = port;
    port = undefined;
    const early = connect(proxy.port, "127.0.0.1");
    clients.push(early);
    assert.equal((await once(early, "error"))[0].code, "ECONNRESET");
    port = there;
    assert.equal(await said(await join(), "satu"), "gema satu");
  });

  it("hands a clean end of one side to the other", async () => {
    const client = await join();
    await said(client, "satu");
    client.end();
    await once(client, "close");
    await until(() => proxy.connections === 0);
  });

  async function join(): Promise<Socket> {
    const client = connect(proxy.port, "127.0.0.1");
    clients.push(client);
    await once(client, "connect");
    return client;
  }
});

async function said(client: Socket, text: string): Promise<string> {
  client.write(text);
  return String((await once(client, "data"))[0]);
}

/** Of a line that is to stay silent, nobody can tell more than that it was so for a while. */
async function within(ms: number, event: Promise<unknown>): Promise<unknown> {
  return await Promise.race([event, new Promise((resolve) => setTimeout(() => resolve("nothing"), ms))]);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Found no address");
  return address;
}
