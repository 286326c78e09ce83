import { fail, type Span, startServerSpan, traceOf } from "./span.ts";
import { continueTrace, type Trace } from "./trace.ts";

/**
 * The trace of a request, and its span where one is recorded. The caller's word on sampling holds; who sends no trace
 * leaves it to `OTEL_TRACES_SAMPLER`.
 */
export function startRequest(service: string, caller: Trace | undefined): RequestTrace {
  const span = caller?.sampled === false ? undefined : startServerSpan(service, "request", caller);
  if (!span) return { trace: continueTrace(caller), span: undefined };
  const trace = traceOf(span);
  return { trace, span: trace.sampled ? span : undefined };
}

/** https://opentelemetry.io/docs/specs/semconv/http/http-spans/ but for the URL: whoever asks may write anything there. */
export function endRequest(span: Span | undefined, { method, route, status }: Answered): void {
  if (!span) return;
  // The method, too, may be anything.
  const known = METHODS.has(method);
  span.updateName(`${known ? method : "HTTP"} ${route}`);
  span.setAttributes({
    "http.request.method": known ? method : "_OTHER",
    "http.route": route,
    "http.response.status_code": status,
  });
  if (status >= 500) fail(span, String(status));
  span.end();
}

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export interface RequestTrace {
  readonly trace: Trace;
  readonly span: Span | undefined;
}

interface Answered {
  readonly method: string;
  /** The route's pattern. */
  readonly route: string;
  readonly status: number;
}
