import { getLogger } from "@logtape/logtape";
import { sleep } from "../../shared/resilience/backoff.ts";
import { type Outcome, probe, type Way } from "./probe.ts";

/** Probes each minute until `stop` aborts; resolves when the person of the last run is taken back, or given up. */
export async function keepProbing(
  way: Way,
  { stop, done, everyMs = EVERY_MS, runMs = RUN_MS }: Schedule,
): Promise<void> {
  const now = () => performance.now();
  while (!stop.aborted) {
    const begun = now();
    const outcome = await probe(way, { now, signal: AbortSignal.any([stop, AbortSignal.timeout(runMs)]) });
    // A run that we ended ourselves says nothing of the system.
    if (outcome.kind === "succeeded" || !stop.aborted) done(outcome);
    if (outcome.kind === "failed" && outcome.left !== undefined) await takeBack(way, outcome.left);
    await sleep(Math.max(0, everyMs - (now() - begun)), stop);
  }
}

/** What it does not manage, the next run does. */
async function takeBack(way: Way, id: string): Promise<void> {
  try {
    await way.takeBack(id, AbortSignal.timeout(TAKE_BACK_MS));
  } catch (error) {
    log.warn("Synthetic person is left behind for the next run: {error}", {
      error: error instanceof Error ? error.name : typeof error,
    });
  }
}

export interface Schedule {
  readonly stop: AbortSignal;
  readonly done: (outcome: Outcome) => void;
  readonly everyMs?: number;
  readonly runMs?: number;
}

const EVERY_MS = 60_000;
const RUN_MS = 30_000;
/** Shorter than a process has to stop (shared/runtime/stop.ts). */
const TAKE_BACK_MS = 5_000;
const log = getLogger(["kependudukan", "probe"]);
