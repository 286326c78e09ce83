import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * Stands between a client and a server that other tests use too, and takes the server from this one client: `down` as
 * a kill does, `stall` as a frozen machine does.
 */
export class Cut {
  readonly #target: Target;
  readonly #server = createServer((client) => this.#join(client));
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #stalled = false;

  static async before(target: Target): Promise<Cut> {
    const cut = new Cut(target);
    await cut.up();
    return cut;
  }

  private constructor(target: Target) {
    this.#target = target;
  }

  /** Where the client finds the server. */
  get port(): number {
    return this.#port;
  }

  async up(): Promise<void> {
    this.#stalled = false;
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (isAddress(address)) this.#port = address.port;
  }

  /** Ends every connection and refuses new ones. */
  async down(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Keeps every connection and takes new ones, and lets not a byte pass. */
  stall(): void {
    this.#stalled = true;
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  /** Lets new connections pass; those of before stay dead without a word, as after a lost route. */
  heal(): void {
    this.#stalled = false;
  }

  #join(client: Socket): void {
    this.#keep(client);
    if (this.#stalled) return;
    const server = connect(this.#target.port, this.#target.hostname);
    this.#keep(server);
    client.pipe(server).pipe(client);
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    // A reset is what `down` is for.
    socket.on("error", () => socket.destroy());
  }
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}

interface Target {
  readonly hostname: string;
  readonly port: number;
}
