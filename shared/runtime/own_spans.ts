import { INVALID_SPAN_CONTEXT, trace, type Tracer } from "@opentelemetry/api";

/**
 * Leaves the spans of HTTP to us: those that Deno makes of itself of `Deno.serve` and `fetch` tell the whole URL, which
 * holds tracking codes, a number that an SMS is looked for by, and whatever a stranger writes there; and what an
 * attribute of Deno's spans says cannot be taken back, for to set it again adds a second one (Deno 2.9.6). To be called
 * before the first of either; where tracing is off, it does nothing.
 */
export function makeOwnSpans(): void {
  const tracer: Tracer = Deno.telemetry.tracerProvider.getTracer("kependudukan");
  const prototype: Tracer = Object.getPrototypeOf(tracer);
  const { startSpan } = prototype;
  prototype.startSpan = function (name, options, context) {
    return AUTOMATIC.has(name) ? NO_SPAN : startSpan.call(this, name, options, context);
  };
}

/** By the names that they begin with: those of `Deno.serve` and `fetch`, and the methods of node:http's. */
const AUTOMATIC: ReadonlySet<string> = new Set([
  ...["deno.serve", "fetch"],
  ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
]);
const NO_SPAN = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
