import { differences } from "./comparison.ts";
import type { Fleet } from "./fleet.ts";
import { growth } from "./growth.ts";
import type { Settled } from "./settle.ts";
import { type Tally, total } from "./tally.ts";

/** Draws the conclusion of a run; what --json prints. */
export function toReport({ seed, count, seconds, tally, before, settled, stopped }: RunResult): Report {
  const registered = total(tally.registered);
  const last = stopped ? undefined : settled?.last;
  const after = last?.kind === "read" ? last.fleet : undefined;
  const problems: string[] = [];
  const missing = count - registered - tally.conflicts;
  if (missing > 0 && !stopped) {
    problems.push(
      `${missing.toLocaleString("en")} of ${count.toLocaleString("en")} residents were not registered`,
    );
  }
  if (last?.kind === "unreadable") problems.push(last.reason);
  if (after) problems.push(...differences(before, after, tally));
  return {
    seed,
    residents: count,
    created: registered,
    conflicts: tally.conflicts,
    uncertain: total(tally.uncertain),
    errors: Object.fromEntries(tally.errors),
    retries: Object.fromEntries(tally.retries),
    requests: tally.latencies.length,
    seconds,
    requestsPerSecond: seconds > 0 ? tally.latencies.length / seconds : 0,
    latencyMs: percentiles(tally.latencies),
    caughtUpSeconds: { statistics: inSeconds(settled?.statisticsMs), sms: inSeconds(settled?.smsMs) },
    grown: after ? toGrown(before, after) : null,
    stopped,
    problems,
    agrees: after !== undefined && problems.length === 0,
  };
}

/** The nearest-rank percentiles; null without a sample. */
export function percentiles(samples: readonly number[]): Report["latencyMs"] {
  const sorted = Float64Array.from(samples).sort();
  const at = (p: number) => sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? null;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function toGrown(before: Fleet, after: Fleet): Report["grown"] {
  const grown = growth(before, after);
  return {
    ...grown,
    cancelled: total(grown.cancelled),
    provinces: Object.fromEntries(grown.provinces),
  };
}

function inSeconds(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / 1000;
}

export interface RunResult {
  readonly seed: number;
  readonly count: number;
  /** From the first registration to the last answer. */
  readonly seconds: number;
  readonly tally: Tally;
  readonly before: Fleet;
  /** Undefined when the run was stopped before the fleet was asked again. */
  readonly settled: Settled | undefined;
  readonly stopped: boolean;
}

export interface Report {
  readonly seed: number;
  readonly residents: number;
  /** Residents answered 201. */
  readonly created: number;
  /** Residents whose NIK was known already. */
  readonly conflicts: number;
  readonly uncertain: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly retries: Readonly<Record<string, number>>;
  /** Requests to register that were answered, the repeated ones too. */
  readonly requests: number;
  readonly seconds: number;
  readonly requestsPerSecond: number;
  readonly latencyMs: {
    readonly p50: number | null;
    readonly p95: number | null;
    readonly p99: number | null;
  };
  /** After the last answer; null when it did not happen. */
  readonly caughtUpSeconds: { readonly statistics: number | null; readonly sms: number | null };
  readonly grown:
    | (Omit<ReturnType<typeof growth>, "provinces" | "cancelled"> & {
      readonly cancelled: number;
      readonly provinces: Readonly<Record<string, number>>;
    })
    | null;
  readonly stopped: boolean;
  /** Sentences for a person, empty when all is well. */
  readonly problems: readonly string[];
  readonly agrees: boolean;
}
