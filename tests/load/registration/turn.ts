import { cpus } from "node:os";
import { sleep } from "../../../shared/resilience/backoff.ts";
import { between, machineBusySeconds, type Meter } from "../machine/meter.ts";
import type { Samples } from "../samples.ts";
import { type Load, putUnderLoad } from "./wrk.ts";

/**
 * One contender's turn: warms up, then each number of connections, with the time to catch up after each. Every turn
 * begins with new processes, so that no contender's threads and queues are about while another one is measured.
 */
export async function takeTurn(contender: Contender, turn: Turn): Promise<void> {
  const { samples, signal } = turn;
  await warmUp(contender, turn);
  for (const connections of turn.connections) {
    if (connections > FEW) await load(contender, turn, { connections, seconds: turn.settleSeconds });
    await contender.forget();
    await turn.checkpoint();
    const meter = contender.meter();
    const before = await meter.cpuSeconds();
    const [begun, busyBefore] = [performance.now(), await machineBusySeconds()];
    const result = await load(contender, turn, { connections, seconds: turn.seconds });
    const loaded = await meter.cpuSeconds();
    const [seconds, busy] = [(performance.now() - begun) / 1000, await machineBusySeconds() - busyBefore];
    const lag = await contender.lag();
    const drainSeconds = await untilDrained(contender, signal);
    const after = await meter.cpuSeconds();
    const memory = await meter.memoryMb();
    const done = Math.max(1, result.succeeded);
    const { succeeded: _, ...measured } = result;
    const cpuMsByProcess = Object.fromEntries(
      Object.keys(after).map((name) => [name, 1000 * between(before, after, [name]) / done]),
    );
    samples.add(`registration, ${connections} connections`, contender.name, {
      ...measured,
      cpuMs: 1000 * between(before, after) / done,
      cpuMsByProcess,
      postgresCpuMs: 1000 * between(before, after, ["postgres"]) / done,
      postgresCpuPercent: 100 * between(before, loaded, ["postgres"]) / seconds / cpus().length,
      memoryMb: contender.own.reduce((sum, name) => sum + (memory[name] ?? 0), 0),
      lag,
      ...(drainSeconds !== undefined && { drainSeconds }),
      ...(contender.wrong && { wrong: await contender.wrong() }),
    }, drainSeconds === undefined ? "some of its SMS are left undone" : undefined);
    const each = Object.entries(cpuMsByProcess).map(([name, ms]) => `${name} ${ms.toFixed(2)}`);
    const used = `${(busy / seconds).toFixed(2)} cores busy, ${
      (between(before, loaded) / seconds).toFixed(2)
    } by it`;
    turn.say(
      `${contender.name}, ${connections} connections: ${
        Math.round(result.perSecond)
      }/s; ${used}; CPU ms each: ${each.join(", ")}`,
    );
  }
}

export interface Contender {
  readonly name: string;
  readonly url: string;
  /** A file of so many officers' tokens; undefined where nobody logs in. */
  readonly tokens: (officers: number) => Promise<string | undefined>;
  /** Of the processes as they are now. */
  meter(): Meter;
  /** Names of its own processes, as the meter has them; the others are servers. */
  readonly own: readonly string[];
  /** Consequences that are still to come. */
  lag(): Promise<number>;
  /** Rests until nothing of the load before is under way, or drops it. */
  forget(): Promise<void>;
  /** How long it may take to catch up. */
  readonly patienceSeconds: number;
  /** Effects that are missing or doubled, once it has caught up; not of whom promises nothing. */
  readonly wrong?: () => Promise<number>;
}

export interface Turn {
  readonly samples: Samples;
  readonly connections: readonly number[];
  readonly seconds: number;
  /** Of a load of many connections before it is measured; then the contender rests. */
  readonly settleSeconds: number;
  /** Before the first load: so many requests, or so many seconds. */
  readonly warm: { readonly requests: number; readonly seconds: number };
  readonly provinces: string;
  /** Numbers of people that nobody has registered yet. */
  readonly nextFirst: () => number;
  readonly checkpoint: () => Promise<void>;
  readonly say: (sentence: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Of more officers, the origin asks about each once in about nine seconds, and so about all of them when a load begins:
 * that would be two or three times too much within four seconds, and the beginning would be all that is seen. What is
 * measured instead has too little of it, by 0.05 ms of CPU each.
 */
const FEW = 500;

/**
 * What compiles as it runs is slow until it has run; so many requests, within bounds of time. By all officers, for they
 * do not all log in within the seconds that are measured.
 */
async function warmUp(contender: Contender, turn: Turn): Promise<void> {
  const begun = performance.now();
  const officers = Math.max(...turn.connections);
  let requests = 0;
  while (requests < turn.warm.requests && performance.now() - begun < turn.warm.seconds * 1000) {
    requests += (await load(contender, turn, { connections: 50, officers, seconds: 2 })).succeeded;
  }
}

async function load(
  { url, tokens }: Contender,
  { provinces, nextFirst, signal }: Turn,
  { connections, officers = connections, seconds }: LoadSize,
): Promise<Load> {
  return await putUnderLoad({
    ...{ url, connections, seconds, provinces, signal },
    tokens: await tokens(officers),
    first: nextFirst(),
  });
}

interface LoadSize {
  readonly connections: number;
  /** Who take turns; as many as there are connections unless told. */
  readonly officers?: number;
  readonly seconds: number;
}

/** Undefined when it takes longer than the contender's patience. */
async function untilDrained(contender: Contender, signal: AbortSignal): Promise<number | undefined> {
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  while (seconds() < contender.patienceSeconds) {
    if (await contender.lag() === 0) return seconds();
    await sleep(250, signal);
    signal.throwIfAborted();
  }
  return undefined;
}
