import { getLogger } from "@logtape/logtape";
import { bodyOnce } from "../../shared/http/body_once.ts";
import { Problem } from "../../shared/http/problem.ts";
import { backoffMs, sleep } from "../../shared/resilience/backoff.ts";
import {
  type BreakerOptions,
  type BreakerState,
  type CallResult,
  CircuitBreaker,
} from "../../shared/resilience/circuit_breaker.ts";
import { InFlight } from "../../shared/resilience/in_flight.ts";
import { RetryBudget } from "../../shared/resilience/retry_budget.ts";
import { fail, inSpan, outside, SpanKind } from "../../shared/telemetry/span.ts";
import { neverLeft } from "./connection_failure.ts";

/**
 * An origin behind its guards, of which every origin has its own: a bound on the calls in flight, so that one that hangs
 * does not take all of the edge with it, and one that is overloaded is asked no more than it can do; a breaker, so that
 * nobody waits for one that is ill; and a few retries, where a repetition is safe.
 */
export function guardOrigin({ url, transport }: Origin, options: GuardOptions): GuardedOrigin {
  const { name, onEvent = () => {}, random = Math.random } = options;
  const breaker = new CircuitBreaker({
    ...options.breaker,
    random,
    onChange({ to: state, calls, failures }) {
      log.warn("Breaker of origin {name} is {state}: {failures} of {calls} calls failed", {
        name,
        state,
        failures,
        calls,
      });
      onEvent({ kind: "breaker", state });
    },
  });
  const budget = new RetryBudget();
  const host = new URL(url).hostname;
  return withPlaces(options.inFlight);

  function withPlaces(most: number): GuardedOrigin {
    const inFlight = new InFlight({ most, waitMs: WAIT_MS, atOnce: AT_ONCE }, options.breaker?.now);
    return {
      url,
      breaker: () => breaker.state,
      apart: withPlaces,
      refuseNow() {
        if (inFlight.isFull()) throw full();
        if (breaker.refusesForMs > 0) throw ill(breaker.refusesForMs);
      },
      async call(call) {
        budget.earn();
        for (let attempt = 0;; attempt++) {
          try {
            return await callOnce(call, inFlight);
          } catch (error) {
            if (attempt === RETRIES || !mayRepeat(error, call) || !budget.spend()) throw error;
          }
          await sleep(backoffMs(attempt, BACKOFF, random), call.signal);
          call.signal.throwIfAborted();
          onEvent({ kind: "retry" });
        }
      },
    };
  }

  async function callOnce({ outgoing, streams, signal }: Call, inFlight: InFlight): Promise<Answer> {
    if (inFlight.isFull()) throw full();
    const turn = inFlight.enter(signal);
    if (turn) await turn;
    const entry = breaker.enter();
    if (entry.kind === "refused") {
      inFlight.leave(false);
      throw ill(entry.retryAfterMs);
    }
    let result: CallResult = "failed";
    try {
      const answer = await send(outgoing, streams);
      if (!isIll(answer)) result = "answered";
      return answer;
    } catch (error) {
      if (signal.aborted && !isTimeout(signal.reason)) result = "abandoned";
      throw error;
    } finally {
      inFlight.leave(result !== "abandoned");
      entry.settle(result);
    }
  }

  function send(outgoing: Call["outgoing"], streams: boolean): Promise<Answer> {
    const attributes = { "server.address": host, "peer.service": name };
    return inSpan("edge", name, { kind: SpanKind.CLIENT, attributes }, async (span) => {
      const sent = outgoing();
      span?.updateName(`${sent.method} ${name}`).setAttribute("http.request.method", sent.method);
      const response = await outside(() => transport(sent.origin + sent.path, toInit(sent)));
      const body = streams ? response.body : new Uint8Array(await response.arrayBuffer());
      span?.setAttribute("http.response.status_code", response.status);
      if (response.status >= 400) fail(span, String(response.status));
      return { status: response.status, headers: [...response.headers], body };
    });
  }

  /** Not all at the same time, or they would be too many again. */
  function full(): Problem {
    onEvent({ kind: "refused", by: "full" });
    return refusal("OVERLOADED", 1 + Math.floor(random() * RETURN_SECONDS));
  }

  function ill(retryAfterMs: number): Problem {
    onEvent({ kind: "refused", by: "open" });
    return refusal("UPSTREAM_UNAVAILABLE", Math.ceil(retryAfterMs / 1_000));
  }
}

function refusal(code: "OVERLOADED" | "UPSTREAM_UNAVAILABLE", seconds: number): Problem {
  return new Problem(code, `Layanan ini sedang tidak dapat melayani; coba lagi ${seconds} detik lagi`, {
    headers: { "retry-after": String(seconds) },
  });
}

function toInit({ method, headers, body, signal }: Outgoing): RequestInit {
  // Node wants `duplex` to be said with a stream.
  const init: RequestInit & { duplex: "half" } = {
    method,
    headers,
    body: body ? bodyOnce(new Uint8Array(body)) : null,
    signal,
    redirect: "manual",
    duplex: "half",
  };
  return init;
}

/** An error page of something before the origin, such as a load balancer without a living instance behind it. */
export function isForeign({ status, headers }: AnswerHead): boolean {
  return status >= 500 && !headerOf(headers, "content-type")?.startsWith("application/problem+json");
}

/**
 * Whoever answers with a problem of ours lives, and says himself when to come again. Above all OVERLOADED: to stop all
 * calls because some are shed would turn a busy service into none. A 500 tells of one request, and if it counted,
 * whoever finds one could close the service for everybody.
 */
function isIll(answer: AnswerHead): boolean {
  return isForeign(answer) && answer.status !== 500;
}

export function headerOf(headers: AnswerHead["headers"], name: string): string | undefined {
  return headers.find(([known]) => known === name)?.[1];
}

/** No answer at all came. Where the request may have arrived, only if it is safe to repeat. */
function mayRepeat(error: unknown, { repeatable, signal }: Call): boolean {
  return !signal.aborted && error instanceof TypeError && (repeatable || neverLeft(error));
}

export function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

export interface Origin {
  /** Scheme, host and port. */
  readonly url: string;
  readonly transport: Transport;
}

/**
 * How the edge reaches an origin: `fetch` over the network, or `handledBy`. It rejects with a `TypeError` when there is no
 * answer, and ends when the signal aborts or by a deadline of its own. In plain values: of a `Request`, Deno's `fetch`
 * reads the headers once more, which costs a fifth of its CPU, and Node's forgets the signal when nobody holds it.
 */
export type Transport = (url: string, init: RequestInit) => Response | Promise<Response>;

/** To an origin in the same process, by its `app.fetch`. */
export function handledBy(handle: RequestHandler): Transport {
  return (url, init) => handle(new Request(url, init));
}

export type RequestHandler = (request: Request) => Response | Promise<Response>;

/** What to send, in plain values. */
export interface Outgoing {
  readonly origin: string;
  /** With the query. */
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ArrayBuffer | undefined;
  readonly signal: AbortSignal;
}

export interface GuardedOrigin {
  readonly url: string;
  breaker(): BreakerState;
  /** The same origin behind the same breaker, with places of its own: so one kind of call takes none of another's. */
  apart(inFlight: number): GuardedOrigin;
  /** Throws the `Problem` with which a call would be refused now, so that nothing else need be done for it. */
  refuseNow(): void;
  /** Throws the `Problem` of a call that was not made, else what the transport threw. */
  call(call: Call): Promise<Answer>;
}

export interface Call {
  /** What to send, made anew for each try: there is less time left. */
  readonly outgoing: () => Outgoing;
  /** The call is over with the headers, and the body passes as it comes. */
  readonly streams: boolean;
  /** The same request twice has the effect of one. */
  readonly repeatable: boolean;
  /** Aborts with a `TimeoutError` past the deadline, with anything else when nobody waits any more. */
  readonly signal: AbortSignal;
}

export interface Answer extends AnswerHead {
  readonly body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | null;
}

export interface AnswerHead {
  readonly status: number;
  /** Names in small letters. */
  readonly headers: readonly [name: string, value: string][];
}

export interface GuardOptions {
  readonly name: string;
  /** Calls in flight at most, however fast. Nobody waits for a place: the origin has the queue. */
  readonly inFlight: number;
  readonly onEvent?: (event: OriginEvent) => void;
  readonly breaker?: BreakerOptions;
  readonly random?: () => number;
}

export type OriginEvent =
  | { readonly kind: "breaker"; readonly state: BreakerState }
  | { readonly kind: "refused"; readonly by: RefusedBy }
  | { readonly kind: "retry" };

/** `full`: by the bound on calls in flight. `open`: by the breaker. */
type RefusedBy = "full" | "open";

/** A call that would take longer is not made. More than a store needs to come through a checkpoint or a new primary. */
const WAIT_MS = 2_000;
/** Two of the registration's batches, and as many on their way there and back. */
const AT_ONCE = 512;
const RETURN_SECONDS = 5;
const RETRIES = 2;
const BACKOFF = { baseMs: 100, capMs: 1_000 };
const log = getLogger(["kependudukan", "edge"]);
