import type { Context, Handler } from "hono";
import { DEADLINE_HEADER, passed } from "../../shared/http/deadline.ts";
import { Problem } from "../../shared/http/problem.ts";
import { readBody } from "../../shared/http/read_body.ts";
import { activeTrace } from "../../shared/telemetry/span.ts";
import { traceparent } from "../../shared/telemetry/trace.ts";
import type { AppEnv } from "../../shared/http/app.ts";
import { EDGE_CHALLENGE, EDGE_HEADER } from "../../shared/http/authenticate.ts";
import type { Identity } from "../../shared/ports/identity.ts";
import {
  type Answer,
  type AnswerHead,
  type GuardedOrigin,
  headerOf,
  isForeign,
  isTimeout,
  type Outgoing,
} from "./origin.ts";

/**
 * Hands the request to an origin and its answer back: 504 past the deadline, 502 when the origin cannot be reached.
 * Redirects are handed on, not followed. Only the headers named here pass, so that nothing a client writes
 * (`x-forwarded-*`, `x-user-*`) is ever taken for the edge's word. The edge names itself to the origin by a token of
 * its own; without one nothing is sent. The origin is told how much longer the edge waits.
 */
export function proxy(origin: GuardedOrigin, options: ProxyOptions): Handler<AppEnv> {
  const { identity, deadlineMs, streams = false, keyed = false, shutdown } = options;
  const ends = shutdown ? [shutdown] : [];
  return async function proxy(c) {
    const endsAt = performance.now() + deadlineMs;
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(passed()), deadlineMs);
    const client = c.req.raw.signal;
    // `AbortSignal.any` takes three times as long; a stream, though, has no end at which to take a listener off again.
    const leave = () => deadline.abort(client.reason);
    if (client.aborted) leave();
    else if (!streams) client.addEventListener("abort", leave, { once: true });
    try {
      const signal = streams ? AbortSignal.any([client, deadline.signal, ...ends]) : deadline.signal;
      const token = await identity.serviceToken(signal);
      if (token === undefined) throw identityUnavailable();
      const body = BODIED.has(c.req.method) ? await readBody(c, signal) : undefined;
      const answer = await origin.call({
        outgoing: () => outgoing(c, { origin: origin.url, token, body, endsAt, signal }),
        streams,
        repeatable: c.req.method === "GET" || (keyed && c.req.header("idempotency-key") !== undefined),
        signal,
      });
      if (refusesEdge(answer)) {
        identity.discardServiceToken(token);
        if (answer.body instanceof ReadableStream) await answer.body.cancel();
        throw identityUnavailable();
      }
      if (isForeign(answer)) throw upstreamFailed(new Error(`Answered by a foreign ${answer.status}`));
      return incoming(answer);
    } catch (error) {
      throw toProblem(error, deadline.signal);
    } finally {
      clearTimeout(timer);
      client.removeEventListener("abort", leave);
    }
  };
}

export interface ProxyOptions {
  /** Of the edge itself. */
  readonly identity: EdgeIdentity;
  readonly deadlineMs: number;
  /** The deadline covers the headers only, and the body passes as it comes. */
  readonly streams?: boolean;
  /** A request with an Idempotency-Key may be repeated. */
  readonly keyed?: boolean;
  /** Ends streams, which would hold the stop of the edge up for as long as somebody listens. */
  readonly shutdown?: AbortSignal | undefined;
}

export type EdgeIdentity = Pick<Identity, "serviceToken" | "discardServiceToken">;

const BODIED: ReadonlySet<string> = new Set(["POST", "PUT"]);
const REQUEST_HEADERS = [
  "accept",
  "authorization",
  "content-type",
  "idempotency-key",
  "last-event-id",
  "x-twilio-signature",
];
const OF_ONE_CONNECTION: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "content-encoding",
  "content-length",
]);
/** For the way back: so the origin's own word comes before the edge gives up. */
const RETURN_MS = 250;

function outgoing(c: Context<AppEnv>, { origin, token, body, endsAt, signal }: Sending): Outgoing {
  const remainingMs = Math.max(0, Math.floor(endsAt - performance.now() - RETURN_MS));
  const headers: Record<string, string> = {
    traceparent: traceparent(activeTrace() ?? c.get("trace")),
    "x-forwarded-for": c.get("address"),
    [EDGE_HEADER]: `Bearer ${token}`,
    [DEADLINE_HEADER]: String(remainingMs),
  };
  for (const name of REQUEST_HEADERS) {
    const value = c.req.header(name);
    if (value !== undefined) headers[name] = value;
  }
  const { url, method } = c.req;
  return { origin, path: url.slice(url.indexOf("/", "https://".length)), method, headers, body, signal };
}

/** It speaks of the edge, so that its 401 would tell the client wrongly that the user's token is bad. */
function refusesEdge({ status, headers }: AnswerHead): boolean {
  return status === 401 && headerOf(headers, "www-authenticate") === EDGE_CHALLENGE;
}

export const identityUnavailable = () =>
  new Problem("IDENTITY_UNAVAILABLE", "Layanan identitas tidak menjawab; coba lagi sebentar lagi");

// Who received it has taken the content coding off already, and the length changes with it.
function incoming({ status, headers, body }: Answer): Response {
  const passing = headers.filter(([name]) => !OF_ONE_CONNECTION.has(name));
  const isEmpty = body instanceof Uint8Array && body.byteLength === 0;
  return new Response(isEmpty ? null : body, { status, headers: passing });
}

function toProblem(error: unknown, deadline: AbortSignal): unknown {
  if (error instanceof Problem) return error;
  if (isTimeout(deadline.reason)) {
    return new Problem(
      "UPSTREAM_TIMEOUT",
      "Layanan di belakang tidak menjawab pada waktunya; ulangi permintaan",
      { cause: error },
    );
  }
  return error instanceof TypeError ? upstreamFailed(error) : error;
}

const upstreamFailed = (cause: Error) =>
  new Problem("UPSTREAM_FAILED", "Layanan di belakang tidak dapat dihubungi; coba lagi sebentar lagi", {
    cause,
  });

interface Sending {
  readonly origin: string;
  /** The edge's own. */
  readonly token: string;
  readonly body: ArrayBuffer | undefined;
  /** The deadline, by `performance.now()`. */
  readonly endsAt: number;
  readonly signal: AbortSignal;
}
