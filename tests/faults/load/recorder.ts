import { problemCode } from "../../../ops/tasks/simulate/edge_client.ts";
import type { Answer } from "../../../ops/tasks/simulate/http.ts";

/**
 * Keeps what the clients were answered. Of single requests only the counts are kept, by span: a span lasts from one
 * `span` to the next, and each answer belongs to the one in which it came.
 */
export class Recorder {
  readonly #now: () => number;
  #span: OpenSpan;
  /** Answers of the whole run that no client can deal with: 5xx that are no problem or name no Retry-After. */
  readonly bare = new Map<string, number>();
  requests = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#span = begin(now());
  }

  answered(answer: Answer): void {
    const now = this.#now();
    const span = this.#span;
    this.requests++;
    span.requests++;
    if (answer.kind === "answered" && answer.status < 400) {
      span.longestGapMs = Math.max(span.longestGapMs, now - span.lastGoodAt);
      span.lastGoodAt = now;
      if (span.healedAt !== undefined) span.backAt ??= now;
      span.latencies.push(answer.ms);
      return;
    }
    const code = problemCode(answer);
    increase(span.errors, code);
    span.lastBadAt = now;
    if (isBare(answer, code)) increase(this.bare, code);
  }

  /** What was broken in this span is whole again. */
  healed(): void {
    this.#span.healedAt = this.#now();
  }

  /** Milliseconds for which all answers were good; 0 while none comes. */
  get calmMs(): number {
    const { from, lastGoodAt, lastBadAt = from } = this.#span;
    return Math.max(0, lastGoodAt - lastBadAt);
  }

  /** Ends the span and begins the next. */
  span(): Span {
    const now = this.#now();
    const { from, requests, errors, lastGoodAt, lastBadAt, longestGapMs, latencies } = this.#span;
    const { healedAt = from, backAt = now } = this.#span;
    this.#span = begin(now);
    return {
      requests,
      errors,
      unavailableMs: Math.max(longestGapMs, now - lastGoodAt),
      recoveryMs: Math.max(0, backAt - healedAt, (lastBadAt ?? 0) - healedAt),
      p99Ms: percentile(latencies, 0.99),
    };
  }
}

export interface Span {
  readonly requests: number;
  /** By the problem's code, the status of what was no problem, or CONNECTION and TIMEOUT for no answer. */
  readonly errors: ReadonlyMap<string, number>;
  /** The longest time between two good answers. */
  readonly unavailableMs: number;
  /** From the healing to the first good answer and the last error after it. */
  readonly recoveryMs: number;
  /** Of good answers; 0 when there was none. */
  readonly p99Ms: number;
}

/** One span out of several of the same time: all requests, and of what is felt the worst. */
export function merge(spans: readonly Span[]): Span {
  const errors = new Map<string, number>();
  for (const span of spans) for (const [code, count] of span.errors) increase(errors, code, count);
  const worst = (of: (span: Span) => number) => Math.max(...spans.map(of));
  return {
    requests: spans.reduce((sum, { requests }) => sum + requests, 0),
    errors,
    unavailableMs: worst(({ unavailableMs }) => unavailableMs),
    recoveryMs: worst(({ recoveryMs }) => recoveryMs),
    p99Ms: worst(({ p99Ms }) => p99Ms),
  };
}

/** A 500 too: it is a defect of ours, whatever was broken. */
function isBare(answer: Answer, code: string): boolean {
  return answer.kind === "answered" && answer.status >= 500 &&
    (answer.retryAfterMs === 0 || code === `HTTP_${answer.status}`);
}

function begin(now: number): OpenSpan {
  return {
    from: now,
    requests: 0,
    errors: new Map(),
    lastGoodAt: now,
    lastBadAt: undefined,
    healedAt: undefined,
    backAt: undefined,
    longestGapMs: 0,
    latencies: [],
  };
}

function percentile(values: number[], share: number): number {
  return values.sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? 0;
}

function increase(counts: Map<string, number>, key: string, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

interface OpenSpan {
  readonly from: number;
  requests: number;
  readonly errors: Map<string, number>;
  lastGoodAt: number;
  lastBadAt: number | undefined;
  healedAt: number | undefined;
  backAt: number | undefined;
  longestGapMs: number;
  readonly latencies: number[];
}
