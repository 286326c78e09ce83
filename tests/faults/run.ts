import { DEVELOPMENT_SECRETS } from "../../shared/adapters/embedded/identity/development_secrets.ts";
import { sleep } from "../../shared/resilience/backoff.ts";
import { judge, type Verdict } from "./check/judge.ts";
import { leaksIn } from "./check/leaks.ts";
import { readStored } from "./check/stored.ts";
import type { Fault } from "./faults/fault.ts";
import { Load } from "./load/load.ts";
import { Recorder, type Span } from "./load/recorder.ts";
import { Visits } from "./load/visits.ts";
import { untilCounted, untilDrained } from "./progress.ts";
import { type MemoryUse, MemoryWatch } from "./system/memory.ts";
import type { System } from "./system/system.ts";

/**
 * Puts the system under steady load, breaks it step by step, lets everything drain and compares what the clients were
 * told with what the stores hold.
 */
export async function runChaos(system: System, options: RunOptions): Promise<Report> {
  const { seed, perSecond, steps, show } = options;
  const recorder = new Recorder();
  const visits = new Visits();
  const memory = new MemoryWatch(system.processes);
  const done = new AbortController();
  const watching = memory.run(done.signal);
  const load = new Load({ seed, perSecond, recorder, visits, edge: edgeOf(system) });
  load.start();
  await sleep(WARM_UP_MS, done.signal);
  const calm = recorder.span();
  const broken: Broken[] = [];
  try {
    for await (const step of steps) {
      const result = await suffer(step, { system, recorder, visits, load });
      broken.push(result);
      show(result);
    }
  } catch (error) {
    await load.abandon();
    throw error;
  }
  await load.stop();
  const drainedMs = await untilDrained(system.onlooker, DRAIN_PATIENCE_MS);
  done.abort();
  await watching;
  await memory.look();
  const verdict = judge(load.people, await readStored(system));
  return {
    calm,
    broken,
    requests: recorder.requests + visits.requests,
    people: load.people.length,
    drainedMs,
    memory: memory.seen(),
    restarts: system.processes().flatMap(({ name, surprises }) =>
      surprises > 0 ? [`${name} ${surprises}`] : []
    ),
    verdict: {
      ...verdict,
      problems: [
        ...verdict.problems,
        ...broken.flatMap(({ problems }) => problems),
        ...bare(recorder.bare),
        ...bare(visits.bare),
        ...(drainedMs === undefined ? ["Not everything had drained when nothing moved any more"] : []),
        ...overgrown(memory.seen()),
        ...await leaksIn(system.logs),
      ],
    },
  };
}

/** Breaks what the step names, at once if there are several, and waits until nothing is felt of it any more. */
async function suffer(
  faults: readonly Fault[],
  { system, recorder, visits, load }: Sufferers,
): Promise<Broken> {
  recorder.span();
  visits.span();
  await Promise.all(faults.map((fault) => fault.inject(system)));
  await sleep(Math.max(...faults.map(({ holdMs }) => holdMs)), new AbortController().signal);
  const begun = performance.now();
  await Promise.all(faults.map((fault) => fault.heal(system)));
  recorder.healed();
  visits.healed();
  const countedMs = await untilCounted(system.onlooker, RECOVER_MS);
  const isBack = () => recorder.calmMs >= CALM_MS && visits.calmMs >= CALM_MS && load.keepsUp;
  while (!isBack() && performance.now() < begun + RECOVER_MS) {
    await sleep(LOOK_MS, new AbortController().signal);
  }
  const name = faults.map(({ name }) => name).join(" + ");
  const back = isBack();
  const span = recorder.span();
  const visited = visits.span();
  const problems = [];
  if (!back) problems.push(`Clients were still refused ${RECOVER_MS / 1000} s after ${name}`);
  if (countedMs === undefined) {
    problems.push(`Statistics had not caught up ${RECOVER_MS / 1000} s after ${name}`);
  }
  if (span.errors.size + visited.errors.size > 0 && faults.every(({ unnoticed }) => unnoticed)) {
    problems.push(`Requests failed during ${name}, which nobody may notice`);
  }
  return { name, span, visited, countedMs, problems };
}

function bare(answers: ReadonlyMap<string, number>): readonly string[] {
  return [...answers].map(([code, count]) =>
    `Answers ${code} that are no problem or name no Retry-After: ${count} times`
  );
}

function overgrown(memory: readonly MemoryUse[]): readonly string[] {
  return memory.filter(({ first, last, peak }) => peak > MOST_BYTES || last > first + GROWTH_BYTES)
    .map(({ name }) => `The memory of ${name} has grown beyond bounds`);
}

function edgeOf(system: System) {
  const name = system.on === "embedded" ? "identity" : "keycloak";
  return {
    url: system.part("edge").url,
    identity: system.dependency(name).direct["KEYCLOAK_URL"] ?? "",
    secret: DEVELOPMENT_SECRETS["GOV_SIMULASI_SECRET"] ?? "",
  };
}

export interface RunOptions {
  readonly seed: number;
  /** Residents who come each second. */
  readonly perSecond: number;
  /** What breaks together, one step after the other. */
  readonly steps: Iterable<readonly Fault[]> | AsyncIterable<readonly Fault[]>;
  /** Told of each step when it is over. */
  readonly show: (broken: Broken) => void;
}

export interface Report {
  /** Before anything broke. */
  readonly calm: Span;
  readonly broken: readonly Broken[];
  readonly requests: number;
  readonly people: number;
  /** Milliseconds from the last answer until nothing was under way; undefined when something stayed so. */
  readonly drainedMs: number | undefined;
  readonly memory: readonly MemoryUse[];
  /** Processes that ended without having been killed, and how often. */
  readonly restarts: readonly string[];
  readonly verdict: Verdict;
}

export interface Broken {
  readonly name: string;
  /** Of registrations. */
  readonly span: Span;
  /** Of what else was asked. */
  readonly visited: Span;
  /** Milliseconds from the healing until all that was registered by then was counted. */
  readonly countedMs: number | undefined;
  readonly problems: readonly string[];
}

interface Sufferers {
  readonly system: System;
  readonly recorder: Recorder;
  readonly visits: Visits;
  readonly load: Load;
}

const WARM_UP_MS = 3_000;
const CALM_MS = 1_000;
const LOOK_MS = 50;
const RECOVER_MS = 90_000;
/** Longer than two leases of a message whose fate nobody knows. */
const DRAIN_PATIENCE_MS = 75_000;
const MOST_BYTES = 1024 ** 3;
const GROWTH_BYTES = 384 * 1024 ** 2;
