import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { inspect } from "node:util";
import { after, before, describe, it } from "@std/testing/bdd";
import type { BSON } from "mongodb";
import { fakeMongoServer } from "../../../tests/fakes/mongodb_server.ts";
import { Unusable } from "../../resilience/reach.ts";
import { openMongo } from "./connect.ts";

const UNREACHED = "MONGODB_URI names a MongoDB that cannot be reached";

// What a real server answers is in tests/stack/mongodb_start_test.ts.
describe("openMongo", () => {
  const closers: (() => unknown)[] = [];
  after(async () => {
    for (const close of closers) await close();
  });

  describe("rejects with one sentence", () => {
    const faults: Fault[] = [
      {
        title: "when the connection is refused",
        uri: async () => `mongodb://petugas:sandi-uji@${await nobody()}/`,
        sentence: `${UNREACHED}: connection refused`,
      },
      {
        title: "when the host is unknown",
        uri: () => "mongodb://nirgends.invalid/",
        sentence: `${UNREACHED}: unknown host`,
      },
      {
        title: "when nobody answers",
        uri: async () => `mongodb://petugas:sandi-uji@${await listen(() => {})}/`,
        sentence: `${UNREACHED}: no answer`,
      },
      {
        title: "when nobody answers to TLS",
        uri: async () => `mongodb://petugas:sandi-uji@${await listen(() => {})}/?tls=true`,
        sentence: `${UNREACHED}: no answer to the TLS handshake`,
      },
      {
        title: "when the connection is closed, as by a server that expects TLS",
        uri: async () => `mongodb://petugas:sandi-uji@${await listen((socket) => void socket.end())}/`,
        sentence: `${UNREACHED}: connection closed, perhaps because only one side uses TLS`,
      },
      {
        title: "when TLS fails, as with a server that expects none",
        uri: async () =>
          `mongodb://petugas:sandi-uji@${await listen((socket) =>
            void socket.end("HTTP/1.1 400\r\n\r\n")
          )}/?tls=true`,
        sentence: `${UNREACHED}: TLS failed with ERR_SSL_WRONG_VERSION_NUMBER`,
      },
      {
        title: "when a file for TLS is missing",
        uri: () => "mongodb://127.0.0.1/?tls=true&tlsCAFile=/nirgends.pem",
        sentence: "MONGODB_URI names a TLS file that does not exist",
      },
      {
        title: "when it is a lone mongod, behind which no majority stands",
        uri: () => speak(() => PRIMARY),
        sentence:
          "MONGODB_URI names a MongoDB that is no replica set, so that no majority can keep what is " +
          "written: start mongod with --replSet, then run rs.initiate()",
      },
      {
        title: "when its replica set has no primary",
        uri: () => speak((address) => ({ ...memberAt(address), secondary: true })),
        sentence: `${UNREACHED}: its replica set has no primary`,
      },
      {
        title: "when its replica set is not initiated",
        uri: async () => `${await speak(() => ({ isreplicaset: true }))}?replicaSet=rs`,
        sentence: `${UNREACHED}: its replica set is not initiated`,
      },
      {
        title: "when it is of another replica set",
        uri: async () =>
          `${await speak((address) => ({ ...PRIMARY, ...memberAt(address) }))}?replicaSet=other`,
        sentence: `${UNREACHED}: its replica set has another name than the URI says`,
      },
      {
        title: "when it is too old for the driver",
        uri: () => speak(() => ({ ...PRIMARY, maxWireVersion: 6 })),
        sentence: `${UNREACHED}: its version does not fit the driver`,
      },
      {
        title: "when it is older than MongoDB 8.0",
        uri: () => speak((address) => ({ ...PRIMARY, ...memberAt(address), maxWireVersion: 21 })),
        sentence: "MONGODB_URI names a MongoDB older than 8.0",
      },
      {
        title: "when the URI is none, of which it says nothing, for it may hold a password",
        uri: () => "mongodb://petugas:sandi-uji@host:0:0/?sandi-uji=sandi-uji",
        sentence: "MONGODB_URI is not a connection string that the MongoDB driver can read",
      },
    ];
    const errors = new Map<Fault, unknown>();

    // All at once, since each is given the same time to become usable.
    before(async () => {
      await Promise.all(faults.map(async (fault) => {
        const opening = openMongo(await fault.uri(), { withinMs: 3_000 });
        errors.set(fault, await opening.then(() => undefined, (error) => error));
      }));
    });

    for (const fault of faults) {
      it(fault.title, () => {
        const error = errors.get(fault);
        assert.ok(error instanceof Unusable);
        assert.equal(error.message, fault.sentence);
        assert.ok(!inspect(error, { depth: 20 }).includes("sandi-uji"));
      });
    }
  });

  it("stops when the process is told to stop", async () => {
    const stop = new AbortController();
    const opening = openMongo(`mongodb://petugas:sandi-uji@${await listen(() => {})}/`, {
      signal: stop.signal,
    });
    stop.abort(new Error("Process stops"));
    await assert.rejects(opening, { message: "Process stops" });
  });

  it("goes by the clock of the server", async () => {
    const uri = await speak((address) => ({
      ...{ ...PRIMARY, ...memberAt(address) },
      localTime: new Date(Date.now() + 3_600_000),
    }));
    const mongo = await openMongo(uri);
    const aheadMs = mongo.now() - Date.now();
    await mongo.close();
    assert.ok(Math.abs(aheadMs - 3_600_000) < 1_000);
  });

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
    return addressOf(server);
  }

  async function nobody(): Promise<string> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = addressOf(server);
    await once(server.close(), "close");
    return address;
  }

  async function speak(hello: (address: string) => BSON.Document): Promise<string> {
    const server = await fakeMongoServer(hello);
    closers.push(() => server.close());
    return server.uri;
  }
});

function addressOf(server: Server): string {
  const address = server.address();
  return typeof address === "object" && address ? `127.0.0.1:${address.port}` : assert.fail();
}

const PRIMARY = { isWritablePrimary: true, ismaster: true };

function memberAt(address: string): BSON.Document {
  return { setName: "rs", hosts: [address], me: address };
}

interface Fault {
  readonly title: string;
  readonly uri: () => string | Promise<string>;
  readonly sentence: string;
}
