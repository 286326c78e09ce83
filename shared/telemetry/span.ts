import {
  type Attributes,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace as api,
  TraceFlags,
  type Tracer,
} from "@opentelemetry/api";
import type { Trace } from "./trace.ts";

/**
 * Runs `work` in a span under the active one, or alone where none is recorded. The span of a `work` that rejects tells
 * the error's name and never its message, which may quote data.
 */
export async function inSpan<T>(
  part: Part,
  name: string,
  options: StartOptions,
  work: (span: Span | undefined) => Promise<T>,
): Promise<T> {
  const span = startSpan(part, name, options);
  if (!span) return await work(undefined);
  try {
    return await within(span, () => work(span));
  } catch (error) {
    fail(span, error instanceof Error ? error.name : typeof error);
    throw error;
  } finally {
    span.end();
  }
}

/** Undefined where tracing is off or the trace is not sampled, so that what nobody sees costs next to nothing. */
export function startSpan(part: Part, name: string, options: StartOptions = {}): Span | undefined {
  if (!isTracing()) return undefined;
  const parent = options.parent ?? activeTrace();
  if (!parent?.sampled) return undefined;
  const { kind = SpanKind.INTERNAL, attributes = {}, links = [] } = options;
  const at = options.parent ? remote(options.parent) : context.active();
  const span = tracer(part).startSpan(name, {
    kind,
    attributes,
    links: links.slice(0, MOST_LINKS).map((trace) => ({ context: toSpanContext(trace) })),
  }, at);
  return traceOf(span).sampled ? span : undefined;
}

/**
 * Runs `work` on behalf of several spans: in one that is a child of the first of `members` and linked to each. Without
 * any sampled one it runs alone.
 */
export async function inBatchSpan<T>(
  part: Part,
  name: string,
  { members, ...options }: BatchOptions,
  work: (span: Span | undefined) => Promise<T>,
): Promise<T> {
  const sampled = members.filter((member) => member.sampled);
  const [first] = sampled;
  return first
    ? await inSpan(part, name, { ...options, parent: first, links: sampled }, work)
    : await work(undefined);
}

/**
 * As `inBatchSpan`, for spans that are still open: each is linked to the batch as well. A trace shows its own part alone:
 * from there the links lead to the batch, and from the batch to all that were in it.
 */
export function inSpanOfAll<T>(
  part: Part,
  name: string,
  spans: readonly (Span | undefined)[],
  work: () => Promise<T>,
): Promise<T> {
  const open = spans.flatMap((span) => span ?? []);
  return inBatchSpan(part, name, { members: open.map(traceOf) }, (batch) => {
    if (batch) { for (const span of open) link(span, traceOf(batch)); }
    return work();
  });
}

/** Runs `work` with the span as the active one; without a span, as it is. */
export function within<T>(span: Span | undefined, work: () => T): T {
  return span ? context.with(api.setSpan(context.active(), span), work) : work();
}

/** Runs `work` without an active span: for what must neither end up in the caller's trace nor carry it anywhere. */
export function outside<T>(work: () => T): T {
  return isTracing() ? context.with(ROOT_CONTEXT, work) : work();
}

/**
 * The span of a request that arrived: it goes on with the caller's trace, whose word on sampling holds, or begins one.
 * Undefined where tracing is off.
 */
export function startServerSpan(service: string, name: string, caller: Trace | undefined): Span | undefined {
  if (!isTracing()) return undefined;
  const span = tracer(service).startSpan(
    name,
    { kind: SpanKind.SERVER, root: !caller },
    caller ? remote(caller) : ROOT_CONTEXT,
  );
  return isSpanContextValid(span.spanContext()) ? span : undefined;
}

/** The trace of the active span; undefined where there is none or it is not sampled. */
export function activeTrace(): Trace | undefined {
  const span = isTracing() ? api.getActiveSpan() : undefined;
  const trace = span && traceOf(span);
  return trace?.sampled ? trace : undefined;
}

export function traceOf(span: Span): Trace {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 };
}

function link(span: Span, trace: Trace): void {
  span.addLink({ context: toSpanContext(trace) });
}

/** `type` is of a bounded set and quotes nothing: a name, a code, a status. */
export function fail(span: Span | undefined, type: string): void {
  span?.setAttribute("error.type", type);
  span?.setStatus({ code: SpanStatusCode.ERROR });
}

/** Settled once: whoever records spans is there before the first one. */
export function isTracing(): boolean {
  return tracing ??= tracer("probe").startSpan("probe").isRecording();
}

let tracing: boolean | undefined;

function tracer(part: string): Tracer {
  let found = tracers.get(part);
  if (!found) tracers.set(part, found = api.getTracer(part));
  return found;
}

const tracers = new Map<string, Tracer>();

function remote(trace: Trace) {
  return api.setSpanContext(ROOT_CONTEXT, { ...toSpanContext(trace), isRemote: true });
}

function toSpanContext({ traceId, spanId, sampled }: Trace) {
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE };
}

/** What OpenTelemetry keeps of one span unless told. */
const MOST_LINKS = 128;

/** The tracer's name: tells the parts of the system apart also where one process runs several. */
export type Part =
  | "edge"
  | "auth"
  | "registration"
  | "postgresql"
  | "relay"
  | "event-log"
  | "statistics"
  | "statistics-store"
  | "notification"
  | "sms-ledger"
  | "sms";

export interface SpanOptions {
  readonly kind?: SpanKind;
  /** Nothing of a person, neither ids: names, codes and numbers of a bounded set. */
  readonly attributes?: Attributes;
}

export interface StartOptions extends SpanOptions {
  /** The active span unless told. */
  readonly parent?: Trace;
  readonly links?: readonly Trace[];
}

interface BatchOptions extends SpanOptions {
  readonly members: readonly Trace[];
}

export { type Span, SpanKind } from "@opentelemetry/api";
