import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, it } from "@std/testing/bdd";
import type { BSON } from "mongodb";
import { fakeMongoServer } from "../../../tests/fakes/mongodb_server.ts";
import { Unusable } from "../../resilience/reach.ts";
import { openMongo } from "./connect.ts";

// What a server says that answers is in tests/stack/mongodb_start_test.ts.
describe("openMongo", () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  it("tells when the connection is refused", async () => {
    const address = await listen(() => {});
    await closers.pop()?.();
    await refused(`mongodb://${address}/`, `${UNREACHED}: connection refused`);
  });

  it("tells when the host is unknown", async () => {
    await refused("mongodb://nirgends.invalid/", `${UNREACHED}: unknown host`);
  });

  it("tells when nobody answers, with and without TLS", async () => {
    const address = await listen(() => {});
    await Promise.all([
      refused(`mongodb://${address}/`, `${UNREACHED}: no answer`),
      refused(`mongodb://${address}/?tls=true`, `${UNREACHED}: no answer to the TLS handshake`),
    ]);
  });

  it("tells when the connection is closed, as by a server that expects TLS", async () => {
    const address = await listen((socket) => void socket.end());
    const reason = "connection closed, perhaps because only one side uses TLS";
    await refused(`mongodb://${address}/`, `${UNREACHED}: ${reason}`);
  });

  it("tells when TLS fails, as with a server that expects none", async () => {
    const address = await listen((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await refused(`mongodb://${address}/?tls=true`, /: TLS failed with ERR_SSL_\w+$/);
  });

  it("tells when a file for TLS is missing", async () => {
    const sentence = "MONGODB_URI names a TLS file that does not exist";
    await refused("mongodb://127.0.0.1/?tls=true&tlsCAFile=/nirgends.pem", sentence);
  });

  it("tells when it is a lone mongod, behind which no majority stands", async () => {
    const uri = await speak(() => ({ isWritablePrimary: true, ismaster: true }));
    await refused(uri, /^MONGODB_URI names a MongoDB that is no replica set, .* rs\.initiate\(\)$/);
  });

  it("tells when its replica set has no primary, is not initiated, or is another one", async () => {
    const secondary = (address: string) => ({
      setName: "rs",
      secondary: true,
      hosts: [address],
      me: address,
    });
    const ghost = () => ({ isreplicaset: true });
    const other = (address: string) => ({ ...secondary(address), ismaster: true, secondary: false });
    await Promise.all([
      refused(await speak(secondary), `${UNREACHED}: its replica set has no primary`),
      refused(`${await speak(ghost)}?replicaSet=rs`, `${UNREACHED}: its replica set is not initiated`),
      refused(
        `${await speak(other)}?replicaSet=sr`,
        `${UNREACHED}: its replica set has another name than the URI says`,
      ),
    ]);
  });

  it("tells when it is too old for the driver", async () => {
    const uri = await speak(() => ({ isWritablePrimary: true, ismaster: true, maxWireVersion: 6 }));
    await refused(uri, `${UNREACHED}: its version does not fit the driver`);
  });

  it("says nothing of what the URI holds, the password among it", async () => {
    const address = await listen((socket) => void socket.end());
    for (
      const uri of [
        `mongodb://petugas:sandi-uji@${address}/`,
        "mongodb://petugas:sandi-uji@host:0:0/",
        "mongodb://petugas:sandi-uji@host/?unknown=yes",
        "mongodb://petugas:sandi-uji%@host/",
      ]
    ) {
      await assert.rejects(open(uri), (error) => {
        assert.ok(error instanceof Unusable);
        assert.ok(!inspect(error, { depth: 20 }).includes("sandi-uji"));
        return true;
      });
    }
  });

  it("stops when the process is told to stop", async () => {
    const address = await listen(() => {});
    const stop = new AbortController();
    const opening = openMongo(`mongodb://${address}/`, { signal: stop.signal });
    stop.abort(new Error("Process stops"));
    await assert.rejects(opening, { message: "Process stops" });
  });

  it("goes by the clock of the server", async () => {
    const uri = await speak((address) => ({
      ...{ setName: "rs", isWritablePrimary: true, ismaster: true, hosts: [address], me: address },
      localTime: new Date(Date.now() + 3_600_000),
    }));
    const mongo = await open(uri);
    const aheadMs = mongo.now() - Date.now();
    await mongo.close();
    assert.ok(Math.abs(aheadMs - 3_600_000) < 1_000);
  });

  function open(uri: string) {
    return openMongo(uri, { withinMs: 800 });
  }

  function refused(uri: string, message: string | RegExp) {
    return assert.rejects(open(uri), { name: "Unusable", message });
  }

  async function listen(onConnection: (socket: Socket) => void): Promise<string> {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket.on("error", () => socket.destroy()));
      onConnection(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    const address = server.address();
    return typeof address === "object" && address ? `127.0.0.1:${address.port}` : assert.fail();
  }

  async function speak(hello: (address: string) => BSON.Document): Promise<string> {
    const server = await fakeMongoServer(hello);
    closers.push(() => server.close());
    return server.uri;
  }
});

const UNREACHED = "MONGODB_URI names a MongoDB that cannot be reached";
