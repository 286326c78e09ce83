import { setTimeout as delay } from "node:timers/promises";
import { existsSync } from "node:fs";
import { lastLines } from "./log_tail.ts";
import { openPlace } from "./place.ts";
import { preflight } from "./preflight.ts";
import { isAlive, startProcess } from "./process.ts";
import { type ProcessRecord, readRecords, type Running, writeRecord } from "./records.ts";
import type { Place, ProcessPlan, StackServer } from "./server.ts";
import { type Stack, StackError } from "./stack.ts";
import { writeVariables } from "./variables_file.ts";

/**
 * Installs and starts the servers that do not run, waits until all of them serve, and writes the variables that lead
 * to them. What runs stays as it is. Rejects with `StackError`; the servers that did start run on.
 */
export async function up(stack: Stack, options: UpOptions = {}): Promise<void> {
  using _lock = await stack.lock();
  const running = (await readRecords(stack)).filter((record) => record.alive);
  const brokers = brokersOf(running, options.brokers);
  const chosen = chooseServers(stack, options.only);
  const absent = chosen.filter(({ name }) => !running.some(({ server }) => server === name));
  await preflight(absent, stack.ports);

  const failures: string[] = [];
  await Promise.all(chosen.map(async (server) => {
    const own = running.filter((record) => record.server === server.name);
    const ports = own[0]?.ports ?? stack.ports[server.name] ?? {};
    const place = openPlace(stack, server, { ports, brokers });
    try {
      await bringUp(stack, server, place, { running: own, readyMs: options.readyMs ?? READY_MS });
    } catch (error) {
      place.say("failed");
      failures.push(`Cannot bring up ${server.name}: ${explain(error)}`);
    }
  }));
  if (failures.length > 0) throw new StackError(failures.join("\n"));
  await writeVariables(stack);
}

async function bringUp(
  stack: Stack,
  server: StackServer,
  place: Place,
  { running, readyMs }: { running: readonly Running[]; readyMs: number },
): Promise<void> {
  const since = performance.now();
  await server.install(place);
  const started = await startMissing(stack, server, place, running);
  await untilReady(stack, server, place, { processes: [...running, ...started], readyMs });
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  place.say(started.length > 0 ? `ready after ${seconds} s` : "runs already");
}

/** All processes of a new server, or those of a running one that have ended. */
async function startMissing(
  stack: Stack,
  server: StackServer,
  place: Place,
  running: readonly Running[],
): Promise<readonly ProcessRecord[]> {
  const names = running.map(({ process }) => process);
  if (running[0]?.siblings.every((name) => names.includes(name))) return [];
  const plans = await server.processes(place);
  const siblings = plans.map(({ name }) => name);
  const started: ProcessRecord[] = [];
  for (const plan of plans.filter(({ name }) => !names.includes(name))) {
    place.say(`starts ${plan.name}`);
    const { ports, brokers } = place;
    const id = await startProcess(plan, await freshLog(stack, plan));
    const record = { server: server.name, process: plan.name, siblings, ports: { ...ports }, brokers, ...id };
    await writeRecord(stack, record);
    started.push(record);
  }
  return started;
}

/** The log of the run before stays beside the new one: it may say why that run ended. */
async function freshLog(stack: Stack, { name }: ProcessPlan): Promise<string> {
  const log = stack.log(name);
  if (existsSync(log)) await Deno.rename(log, stack.log(`${name}.previous`));
  return log;
}

async function untilReady(stack: Stack, server: StackServer, place: Place, wait: Wait): Promise<void> {
  const deadline = performance.now() + wait.readyMs;
  const logOf = async (process: string) =>
    `the last lines of "${stack.log(process)}":\n${await lastLines(stack.log(process))}`;
  for (;;) {
    const ready = await isReady(server, place);
    // Asked after: whoever else answers on the port must not pass for a server that has ended.
    for (const record of wait.processes) {
      if (await isAlive(record)) continue;
      throw new StackError(
        `Process "${record.process}" ended during its start; ${await logOf(record.process)}`,
      );
    }
    if (ready) return;
    if (performance.now() > deadline) {
      const seconds = Math.round(wait.readyMs / 1000);
      const [first] = wait.processes;
      throw new StackError(
        `It does not serve after ${seconds} s; ${await logOf(first?.process ?? server.name)}`,
      );
    }
    await delay(POLL_MS);
  }
}

/** Asks the server once; rejects when it says that waiting is useless. */
export async function isReady(server: StackServer, place: Place): Promise<boolean> {
  const signal = AbortSignal.timeout(ATTEMPT_MS);
  const late = new Promise<false>((resolve) => signal.addEventListener("abort", () => resolve(false)));
  try {
    return await Promise.race([server.ready(place, signal), late]);
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${explain(error.cause)}`;
}

/** The number of brokers is of the whole stack: half a cluster of each kind would be none. */
function brokersOf(running: readonly Running[], wanted: 1 | 3 | undefined): 1 | 3 {
  const now = running[0]?.brokers;
  if (now !== undefined && wanted !== undefined && now !== wanted) {
    throw new StackError(
      `The stack runs for ${now} broker${now === 1 ? "" : "s"}: run "deno task stack down" first`,
    );
  }
  return now ?? wanted ?? 1;
}

export function chooseServers(stack: Stack, only: readonly string[] | undefined): readonly StackServer[] {
  const names = stack.servers.map(({ name }) => name);
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new StackError(`Server "${unknown}" is unknown: choose from ${names.join(", ")}`);
  }
  return stack.servers.filter(({ name }) => only?.includes(name) ?? true);
}

export interface UpOptions {
  /** Names of servers; all when left out. */
  readonly only?: readonly string[] | undefined;
  /** What runs decides when left out, else 1. */
  readonly brokers?: 1 | 3 | undefined;
  /** How long a server may take to serve, in milliseconds. */
  readonly readyMs?: number | undefined;
}

interface Wait {
  readonly processes: readonly ProcessRecord[];
  readonly readyMs: number;
}

/** Keycloak's first start on a busy machine. */
const READY_MS = 300_000;
const ATTEMPT_MS = 10_000;
const POLL_MS = 200;
