import { untilAborted } from "../../shared/resilience/until_aborted.ts";
import type { Context, Scenario } from "./scenario.ts";

/**
 * Runs the scenarios one after the other, within the time that all of them have. One that fails, takes too long or finds
 * too little time left is told and answered, and the others go on. Rejects only when `stop` aborts.
 */
export async function runScenarios(plan: Plan): Promise<readonly Failure[]> {
  const { scenarios, say, stop, now = () => performance.now() } = plan;
  const begun = now();
  const failures: Failure[] = [];
  for (const [i, { scenario, effort }] of scenarios.entries()) {
    stop.throwIfAborted();
    const gone = (now() - begun) / 1000;
    const left = plan.limitSeconds - gone;
    say(
      `${i + 1} of ${scenarios.length}, ${scenario.name}: about ${clock(effort.seconds)}; ${clock(gone)} of ${
        clock(plan.limitSeconds)
      } gone`,
    );
    const reason = left < effort.seconds * LEAST
      ? `It was not begun, for only ${clock(left)} were left`
      : await reasonOf(runWithin(Math.min(left, effort.seconds * PATIENCE), { scenario, effort, plan }));
    stop.throwIfAborted();
    if (reason === undefined) continue;
    say(`${scenario.name} failed: ${reason}`);
    failures.push({ name: scenario.name, reason });
  }
  return failures;
}

/** Minutes and seconds: "4:05". */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export interface Plan {
  readonly scenarios: readonly Planned[];
  /** For all of them together. */
  readonly limitSeconds: number;
  contextOf(planned: Planned, signal: AbortSignal): Promise<Context>;
  say(sentence: string): void;
  readonly stop: AbortSignal;
  /** Milliseconds. */
  readonly now?: () => number;
}

export interface Planned {
  readonly scenario: Scenario;
  readonly effort: Effort;
}

export interface Effort {
  /** Turns of each contender. */
  readonly rounds: number;
  /** That all of it takes. */
  readonly seconds: number;
}

export interface Failure {
  /** Of the scenario. */
  readonly name: string;
  readonly reason: string;
}

/** A scenario that does not end when it is told is left behind: the next ones are measured beside it, if at all. */
async function runWithin(seconds: number, { scenario, effort, plan }: Running): Promise<void> {
  const [late, lost] = [new AbortController(), new AbortController()];
  const timers = [
    setTimeout(() => late.abort(new Error(`It was ended after ${clock(seconds)}`)), 1000 * seconds),
    setTimeout(
      () => lost.abort(new Error(`It did not end after ${clock(seconds)}`)),
      1000 * (seconds + GRACE_SECONDS),
    ),
  ];
  try {
    const context = await plan.contextOf({ scenario, effort }, AbortSignal.any([plan.stop, late.signal]));
    await untilAborted(scenario.run(context), lost.signal);
    late.signal.throwIfAborted();
  } catch (error) {
    // What breaks because it was ended is not the reason.
    late.signal.throwIfAborted();
    throw error;
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

async function reasonOf(work: Promise<void>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface Running extends Planned {
  readonly plan: Plan;
}

/** Of the time that a scenario is said to take: with less, it is not begun. */
const LEAST = 0.7;
/** After so many times that time it is ended. */
const PATIENCE = 2;
const GRACE_SECONDS = 20;
