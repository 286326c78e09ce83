import type { Fleet, Reading } from "./fleet.ts";
import { type Growth, growth, smsCaughtUp, statisticsCaughtUp } from "./growth.ts";

/**
 * Reads the fleet until statistics and SMS have caught up with the registry, or until nothing has moved for
 * `patienceMs`. A reading that fails is no news: the fleet may be starting again.
 */
export async function settle(
  read: () => Promise<Reading>,
  { before, registered, patienceMs, now, sleep, stop, onGrowth }: SettleOptions,
): Promise<Settled> {
  const started = now();
  let moved = started;
  let seen = "";
  let settled: Settled = { last: undefined, statisticsMs: undefined, smsMs: undefined };
  while (true) {
    const asked = now();
    const reading = await read();
    settled = { ...settled, last: reading };
    if (reading.kind === "read") {
      const grown = growth(before, reading.fleet);
      onGrowth?.(grown);
      const ms = now() - started;
      settled = {
        last: reading,
        statisticsMs: settled.statisticsMs ?? (statisticsCaughtUp(grown, registered) ? ms : undefined),
        smsMs: settled.smsMs ?? (smsCaughtUp(grown, registered) ? ms : undefined),
      };
      const fingerprint = JSON.stringify([grown, [...grown.provinces], [...grown.cancelled]]);
      if (fingerprint !== seen) moved = now();
      seen = fingerprint;
    }
    if (settled.statisticsMs !== undefined && settled.smsMs !== undefined) return settled;
    if (stop.aborted || now() - moved > patienceMs) return settled;
    // At most half of the time is spent reading: counting everything costs the fleet something.
    await sleep(Math.max(250, now() - asked), stop);
  }
}

export interface Settled {
  readonly last: Reading | undefined;
  /** Milliseconds until the statistics had caught up; undefined when they did not. */
  readonly statisticsMs: number | undefined;
  readonly smsMs: number | undefined;
}

export interface SettleOptions {
  readonly before: Fleet;
  /** Residents who must be there. */
  readonly registered: number;
  readonly patienceMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly stop: AbortSignal;
  readonly onGrowth?: (grown: Growth) => void;
}
