import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { BSON } from "mongodb";

/**
 * A server that speaks just enough of MongoDB's wire protocol to be asked what it is, and then says `hello`: for
 * kinds of servers that are not at hand.
 */
export async function fakeMongoServer(hello: (address: string) => BSON.Document): Promise<FakeMongoServer> {
  let address = "";
  const commands: BSON.Document[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let received = Buffer.alloc(0);
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes) => {
      if (typeof bytes === "string") return; // no encoding is set
      received = Buffer.concat([received, bytes]);
      while (received.length >= 4 && received.length >= received.readInt32LE(0)) {
        const message = received.subarray(0, received.readInt32LE(0));
        received = received.subarray(message.length);
        if (message.readInt32LE(12) === OP_MSG) commands.push(BSON.deserialize(message.subarray(BODY)));
        socket.write(answer(message, { minWireVersion: 0, maxWireVersion: 25, ...hello(address), ok: 1 }));
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("Expect a TCP address");
  address = `127.0.0.1:${bound.port}`;
  return {
    uri: `mongodb://${address}/`,
    commands,
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export interface FakeMongoServer {
  readonly uri: string;
  /** What it was asked after the connections had begun, without documents that were sent apart. */
  readonly commands: readonly BSON.Document[];
  close(): Promise<void>;
}

/** OP_QUERY, which begins a connection, is answered by OP_REPLY, and OP_MSG by OP_MSG. */
function answer(request: Buffer, document: BSON.Document): Buffer {
  const [requestId, kind] = [request.readInt32LE(4), request.readInt32LE(12)];
  const body = BSON.serialize(document);
  const preamble = kind === OP_QUERY ? REPLY_PREAMBLE : MSG_PREAMBLE;
  const head = Buffer.alloc(16);
  head.writeInt32LE(head.length + preamble.length + body.length, 0);
  head.writeInt32LE(requestId, 8);
  head.writeInt32LE(kind === OP_QUERY ? OP_REPLY : kind, 12);
  return Buffer.concat([head, preamble, body]);
}

// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
/** Where the command of an OP_MSG begins: behind the head, the flags and the kind of the section. */
const BODY = 21;
/** Flags, cursor, first document, number of documents. */
const REPLY_PREAMBLE = Buffer.from([...new Array(16).fill(0), 1, 0, 0, 0]);
/** Flags, kind of section. */
const MSG_PREAMBLE = Buffer.alloc(5);
