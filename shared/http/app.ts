import { getLogger } from "@logtape/logtape";
import { type Context, Hono } from "hono";
import { routePath } from "hono/route";
import type { AuditActor, AuditReason, SubjectTag } from "../ports/audit.ts";
import { type Caller, ROLES } from "../ports/identity.ts";
import { endRequest, startRequest } from "../telemetry/request_span.ts";
import { within } from "../telemetry/span.ts";
import { readTraceparent, type Trace, traceparent } from "../telemetry/trace.ts";
import { Problem } from "./problem.ts";
import { refuseLargeBody } from "./read_body.ts";
import { requestLine } from "./request_line.ts";

/**
 * A Hono app with what every HTTP face of the system does alike: the trace in every answer, a bounded body, each
 * error as problem details, one observation per request.
 */
export function createApp(options: AppOptions): Hono<AppEnv> {
  const { service, observe = () => {}, trustTrace = true } = options;
  const log = getLogger(["kependudukan", service]);
  const tell = requestLine(service);
  const app = new Hono<AppEnv>();

  app.use(async function trace(c, next) {
    const started = performance.now();
    const { method } = c.req;
    const caller = trustTrace ? readTraceparent(c.req.header("traceparent")) : undefined;
    const { trace, span } = startRequest(service, caller);
    c.set("trace", trace);
    await within(span, next);
    // `c.header` would make the answer anew once there is one.
    c.res.headers.set("traceparent", traceparent(trace));
    const seconds = (performance.now() - started) / 1000;
    const [route, role] = [routePath(c, -1), roleOf(c.get("caller"))];
    endRequest(span, { method, route, status: c.res.status });
    const seen = { service, method, route, role, status: c.res.status, seconds };
    observe(seen);
    tell(seen, trace);
  });
  app.use(function bodySize(c, next) {
    refuseLargeBody(c);
    return next();
  });
  app.notFound((c) => new Problem("NOT_FOUND", "Alamat ini tidak ada").toResponse(c.var.trace.traceId));
  app.onError((error, c) => {
    const problem = toProblem(error, c);
    const { traceId } = c.var.trace;
    if (problem.code === "INTERNAL") log.error("Request failed {error}", { error: describe(error), traceId });
    return problem.toResponse(traceId);
  });
  return app;
}

/** The widest of the caller's roles. */
function roleOf(caller: Caller | undefined): string {
  return caller ? ROLES.find((role) => caller.roles.has(role)) ?? "none" : "none";
}

function toProblem(error: Error, c: Context): Problem {
  if (error instanceof Problem) return error;
  if (c.req.raw.signal.aborted || error.name === "TimeoutError") {
    return new Problem("OVERLOADED", "Permintaan tidak selesai pada waktunya; coba lagi sebentar lagi", {
      cause: error,
    });
  }
  return new Problem("INTERNAL", "Terjadi kesalahan; sebutkan traceId kepada pengelola", { cause: error });
}

/** Name and stack without the message, which a library may have filled with what it was given. */
function describe(error: Error): string {
  return `${error.name} ${error.stack?.slice(error.stack.indexOf("\n")) ?? ""}`;
}

export interface AppOptions {
  /** Names the app in logs and metrics. */
  readonly service: string;
  readonly observe?: RequestObserver;
  /** Whether the caller's `traceparent` is taken; only callers of our own deserve it. */
  readonly trustTrace?: boolean;
}

export interface AppEnv {
  Bindings: {
    /** The other end of the connection; only the edge is told. */
    remoteAddress: string;
  };
  Variables: {
    trace: Trace;
    /** Set by `authenticate`. */
    caller: Caller;
    /** Aborts when nobody waits any more, set by `boundByDeadline` at the origins; ask `deadlineOf` for it. */
    deadline?: AbortSignal;
    /** The client's network address, set by `clientAddress`. */
    address: string;
    /** Who asked, where no access token of the request says so, for its audit line; set by the handler. */
    actor?: AuditActor;
    /** Whose data the request is about, and in which row, for its audit line; set by the handler. */
    target?: SubjectTag;
    record?: string;
    /** What was found to be wrong by who looked for it, for its audit line; set by the handler. */
    finding?: AuditReason;
    /** How many things the request changed, for its audit line; set by the handler. */
    count?: number;
  };
}

export type RequestObserver = (seen: {
  readonly service: string;
  readonly method: string;
  /** The route's pattern, never the path itself: a path may name a person. */
  readonly route: string;
  /** "none" for who is not signed in. */
  readonly role: string;
  readonly status: number;
  readonly seconds: number;
}) => void;
