import { type Http1Answer, readAnswer } from "./read_answer.ts";
import { brokenAnswer } from "./received.ts";
import { type Http1Request, requestBytes } from "./request_bytes.ts";

/** One connection, for one request after the other. While it rests it listens, and so knows when the other side goes. */
export class Connection {
  readonly #tcp: Deno.TcpConn;
  readonly #buffer = new Uint8Array(READ_BYTES);
  /** Begun while it rested: brings the beginning of the next answer, or the end. */
  #reading: Promise<number | null> | undefined;
  #isBusy = false;
  #isOver = false;

  private constructor(tcp: Deno.TcpConn) {
    this.#tcp = tcp;
  }

  /** Rejects with a `TypeError` by which `neverLeft` knows that nothing was sent. */
  static async open(origin: string, signal: AbortSignal): Promise<Connection> {
    const { hostname, port } = new URL(origin);
    try {
      const tcp = await Deno.connect({ hostname, port: Number(port || 80), signal });
      tcp.setNoDelay();
      return new Connection(tcp);
    } catch (error) {
      signal.throwIfAborted();
      // In the words of Deno's `fetch`.
      const cause = new Error(
        `client error (Connect): ${error instanceof Error ? error.message : "unknown"}`,
      );
      throw new TypeError(`Connect to "${origin}" failed`, { cause });
    }
  }

  /** No further request may be sent. */
  get isOver(): boolean {
    return this.#isOver;
  }

  async exchange(request: Http1Request): Promise<Http1Answer> {
    const { signal } = request;
    const stop = () => this.close();
    signal.addEventListener("abort", stop, { once: true });
    this.#isBusy = true;
    try {
      // The signal may have aborted while the connection came about.
      signal.throwIfAborted();
      await this.#write(requestBytes(request));
      const { answer, mayGoOn } = await readAnswer(() => this.#next(), request.method);
      if (mayGoOn) this.#rest();
      else this.close();
      return answer;
    } catch (error) {
      this.close();
      signal.throwIfAborted();
      throw error instanceof TypeError ? error : brokenAnswer("the connection broke", error);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#tcp.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length;) sent += await this.#tcp.write(bytes.subarray(sent));
  }

  async #next(): Promise<Uint8Array | undefined> {
    const reading = this.#reading ?? this.#tcp.read(this.#buffer);
    this.#reading = undefined;
    const length = await reading;
    return length === null ? undefined : this.#buffer.subarray(0, length);
  }

  #rest(): void {
    this.#isBusy = false;
    const reading = this.#tcp.read(this.#buffer);
    this.#reading = reading;
    // Nobody asked for anything: whatever comes is the end.
    const heard = () => {
      if (!this.#isBusy && this.#reading === reading) this.close();
    };
    reading.then(heard, heard);
  }
}

const READ_BYTES = 4_096;
