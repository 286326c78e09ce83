import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { Agent as TlsAgent, request as requestOverTls } from "node:https";
import { Readable } from "node:stream";

/**
 * Sends requests over kept connections by node:http, which takes half the CPU of `fetch` with a signal (see
 * tests/load/PROFILES.md) and, unlike it, never sends one twice (denoland/deno#35610). Redirects are answers like
 * others. Rejects with a `TypeError`, as `fetch` does, when there is no answer, and with the signal's reason when that
 * aborts. A connection that was idle for `keepIdleMs` is given up.
 */
export function openHttpClient({ keepIdleMs }: { readonly keepIdleMs: number }): HttpClient {
  const options = { keepAlive: true, timeout: keepIdleMs, maxFreeSockets: MAX_FREE_SOCKETS };
  const agent = new Agent(options);
  const tlsAgent = new TlsAgent(options);
  const places = new Map<string, Place>();

  return function send({ origin, path, method, headers, body, signal }) {
    const place = places.get(origin) ?? placeOf(origin);
    places.set(origin, place);
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      // Nobody here would take the coding off again.
      const target = { ...place, path, method, headers: { ...headers, "accept-encoding": "identity" } };
      const sent = place.protocol === "https:"
        ? requestOverTls({ ...target, agent: tlsAgent })
        : request({ ...target, agent });
      const stop = () => {
        sent.destroy();
        reject(signal.reason);
      };
      signal.addEventListener("abort", stop, { once: true });
      sent.once("close", () => signal.removeEventListener("abort", stop));
      sent.once("error", (cause) => reject(noAnswer(cause)));
      sent.once("response", (message) => resolve(new NodeAnswer(message, sent, signal)));
      sent.end(body && new Uint8Array(body));
    });
  };
}

class NodeAnswer implements HttpAnswer {
  readonly status: number;
  readonly headers: HttpHeaders;

  constructor(readonly message: IncomingMessage, readonly sent: ClientRequest, readonly signal: AbortSignal) {
    this.status = message.statusCode ?? 0;
    this.headers = new RawHeaders(message.rawHeaders);
  }

  get body(): ReadableStream<Uint8Array> {
    const chunks = Readable.toWeb(this.message).getReader();
    return new ReadableStream({
      async pull(controller) {
        const { done, value } = await chunks.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => void this.sent.destroy(),
    });
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    const { message, signal } = this;
    return new Promise((resolve, reject) => {
      const chunks: Uint8Array[] = [];
      const fail = (cause?: unknown) => reject(signal.aborted ? signal.reason : noAnswer(cause));
      message.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      message.once("end", () => message.complete ? resolve(join(chunks)) : fail());
      message.once("error", fail);
      message.once("close", () => message.complete || fail());
    });
  }
}

/** The headers as they came: name, value, name, value. */
class RawHeaders implements HttpHeaders {
  readonly #raw: readonly string[];

  constructor(raw: readonly string[]) {
    this.#raw = raw;
  }

  get(name: string): string | null {
    for (const [known, value] of this) if (known === name) return value;
    return null;
  }

  *[Symbol.iterator](): Generator<[string, string]> {
    for (let i = 0; i + 1 < this.#raw.length; i += 2) {
      yield [(this.#raw[i] ?? "").toLowerCase(), this.#raw[i + 1] ?? ""];
    }
  }
}

function placeOf(origin: string): Place {
  const { protocol, hostname, port } = new URL(origin);
  return { protocol, hostname: hostname.replace(/^\[|\]$/g, ""), ...(port && { port }) };
}

function noAnswer(cause: unknown): TypeError {
  return new TypeError("Get an answer failed: the connection could not be made or broke", { cause });
}

function join(chunks: readonly Uint8Array[]): ArrayBuffer {
  const whole = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole.buffer;
}

export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer>;

export interface HttpRequest {
  /** Scheme, host and port. */
  readonly origin: string;
  /** With the query. */
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ArrayBuffer | undefined;
  readonly signal: AbortSignal;
}

/** As much of a `Response` as its readers need. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly body: ReadableStream<Uint8Array> | null;
  /** Rejects when the body breaks off. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

export interface HttpHeaders extends Iterable<[string, string]> {
  get(name: string): string | null;
}

interface Place {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: string;
}

/** As many as the largest number of calls in flight to one origin. */
const MAX_FREE_SOCKETS = 2_000;
