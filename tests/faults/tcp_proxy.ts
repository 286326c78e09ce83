import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Transform } from "node:stream";

/**
 * Stands between clients and one server, or several of which `target` picks one for each connection, and breaks the
 * line between them as told. Listens on 127.0.0.1; its clients keep its port whatever becomes of the server's.
 */
export class TcpProxy implements AsyncDisposable {
  readonly #server = createServer({ allowHalfOpen: true }, (client) => this.#join(client));
  readonly #pick: () => number | undefined;
  readonly #links = new Set<Link>();
  #fault: LineFault = { kind: "none" };
  #port = 0;

  /** `target` answers the port of a server; undefined while there is none: the connection is then reset. */
  static async listen(target: () => number | undefined, port = 0): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(port, "127.0.0.1");
    await once(proxy.#server, "listening");
    const address = proxy.#server.address();
    if (address === null || typeof address === "string") throw new Error("Found no port to listen on");
    proxy.#port = address.port;
    return proxy;
  }

  private constructor(target: () => number | undefined) {
    this.#pick = target;
  }

  get port(): number {
    return this.#port;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#links.size;
  }

  /** Holds for the connections that are open and for new ones, until the next fault or `heal`. */
  break(fault: Exclude<LineFault, { kind: "none" }>): void {
    this.#set(fault);
    if (fault.kind === "reset") { for (const link of this.#links) link.reset(); }
  }

  /** What was held back passes now; what was lost stays lost, so that half-open connections stay dead. */
  heal(): void {
    this.#set({ kind: "none" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const link of this.#links) link.reset();
    await closed;
  }

  #set(fault: LineFault): void {
    this.#fault = fault;
    for (const link of this.#links) link.suffer(fault);
  }

  #join(client: Socket): void {
    const port = this.#pick();
    client.on("error", () => client.destroy());
    if (port === undefined || this.#fault.kind === "reset") {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const link = new Link(client, server);
    link.suffer(this.#fault);
    this.#links.add(link);
    client.on("close", () => this.#links.delete(link));
  }
}

/** One connection: two lines, each passing bytes one way. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #there = new Line();
  readonly #back = new Line();

  constructor(client: Socket, server: Socket) {
    this.#client = client;
    this.#server = server;
    for (const socket of [client, server]) {
      socket.setNoDelay();
      socket.on("error", () => this.reset());
      // Without an end of its own first, it was cut: the other side is to see no clean end either.
      socket.on("close", (cut) => cut ? this.reset() : undefined);
    }
    client.pipe(this.#there).pipe(server);
    server.pipe(this.#back).pipe(client);
  }

  suffer(fault: LineFault): void {
    this.#there.suffer(fault);
    // Half-open: the server hears the client, and nothing of what it says arrives.
    this.#back.suffer(fault.kind === "half-open" ? { kind: "lost" } : fault);
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }
}

/** Passes bytes in their order, late or never. */
class Line extends Transform {
  #state: LineFault | { readonly kind: "lost" } = { kind: "none" };
  #lost = false;
  #waiting: (() => void) | undefined;
  #inTransit = 0;
  #landed: (() => void) | undefined;

  suffer(fault: LineFault | { readonly kind: "lost" }): void {
    this.#state = fault;
    // For good: what went missing cannot come back, and a stream with a hole must not go on.
    if (fault.kind === "lost") this.#lost = true;
    if (fault.kind === "hung") return;
    this.#waiting?.();
    this.#waiting = undefined;
  }

  override _transform(chunk: Uint8Array, _encoding: string, done: () => void): void {
    if (this.#lost) return done();
    if (this.#state.kind === "hung") {
      this.#waiting = () => this._transform(chunk, _encoding, done);
      return;
    }
    if (this.#state.kind !== "slow" && this.#inTransit === 0) {
      this.push(chunk);
      return done();
    }
    const ms = this.#state.kind === "slow" ? this.#state.ms : 0;
    this.#inTransit++;
    // Timers of one length go off in their order; a shorter one after them waits its turn by the queue.
    const before = this.#queue;
    this.#queue = delayed(ms).then(() => before).then(() => {
      this.#inTransit--;
      if (!this.#lost && !this.destroyed) this.push(chunk);
      if (this.#inTransit === 0) this.#landed?.();
    });
    done();
  }

  #queue: Promise<void> = Promise.resolve();

  override _flush(done: () => void): void {
    if (this.#lost) return;
    if (this.#inTransit === 0) return done();
    this.#landed = done;
  }
}

function delayed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What happens to the line. */
export type LineFault =
  | { readonly kind: "none" }
  /** Connections are taken and kept, and not a byte passes: a frozen machine. */
  | { readonly kind: "hung" }
  /** Every byte comes so many milliseconds later. */
  | { readonly kind: "slow"; readonly ms: number }
  /** Every connection, old and new, ends with a TCP reset. */
  | { readonly kind: "reset" }
  /** What the client says arrives, and no answer comes back, ever, on the connections that are open meanwhile. */
  | { readonly kind: "half-open" };
