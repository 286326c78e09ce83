import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** A server on a free port of 127.0.0.1 that treats each connection as told: a fault to start against. */
export async function faultServer(fault: Fault): Promise<FaultServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // The other side may leave at any moment.
    socket.on("error", () => socket.destroy());
    fault(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Found no free port");
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Faults of any TCP server. */
export const FAULTS = {
  hang() {},
  close: (socket) => void socket.destroy(),
  garbage: (socket) => void socket.write("220 siap\r\n\r\n"),
} as const satisfies Record<string, Fault>;

/** Answers HTTP/1.1 once and closes; browsers would call it a server. */
export function httpAnswer(status: number, body: string, header = "x-uji: 1"): Fault {
  const head = `HTTP/1.1 ${status} X\r\ncontent-length: ${
    Buffer.byteLength(body)
  }\r\n${header}\r\nconnection: close\r\n`;
  return (socket) => void socket.once("data", () => socket.end(`${head}\r\n${body}`));
}

/** A port that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = await faultServer(FAULTS.close);
  await server[Symbol.asyncDispose]();
  return server.port;
}

export interface FaultServer extends AsyncDisposable {
  readonly port: number;
}

/** What the server does with a connection. */
export type Fault = (socket: Socket) => void;
