import { existsSync } from "node:fs";
import { openPlace } from "./place.ts";
import { preflight } from "./preflight.ts";
import { startProcess, stopProcess } from "./process.ts";
import { type ProcessRecord, readRecords, removeRecord, type Running, writeRecord } from "./records.ts";
import { untilReady } from "./ready.ts";
import type { Place, ProcessPlan, StackServer } from "./server.ts";
import { type Stack, StackError } from "./stack.ts";
import { writeVariables } from "./variables_file.ts";

/**
 * Installs and starts the servers that do not run, waits until all of them serve, and writes the variables that lead
 * to them. What runs stays as it is. Rejects with `StackError`; the servers that did start run on.
 */
export async function up(stack: Stack, options: UpOptions = {}): Promise<void> {
  using _lock = await stack.lock();
  const records = await readRecords(stack);
  const brokers = brokersOf(records, options.brokers);
  const chosen = chooseServers(stack, options);
  const absent = chosen.filter(({ name }) => !records.some(({ server, alive }) => server === name && alive));
  // What a killed process has left behind may hold the port.
  await Promise.all(records.filter(({ alive }) => !alive).map((record) => stopProcess(record)));
  await preflight(absent, stack.ports);

  const failures: string[] = [];
  await Promise.all(chosen.map(async (server) => {
    const own = records.filter((record) => record.server === server.name);
    const ports = own.find(({ alive }) => alive)?.ports ?? stack.ports[server.name] ?? {};
    const place = openPlace(stack, server, { ports, brokers });
    try {
      await bringUp(stack, server, place, { records: own, readyMs: options.readyMs ?? READY_MS });
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
  { records, readyMs }: { records: readonly Running[]; readyMs: number },
): Promise<void> {
  const since = performance.now();
  await server.install(place);
  const running = records.filter(({ alive }) => alive);
  const started = await startMissing(stack, server, place, records);
  await untilReady(stack, server, place, { processes: [...running, ...started], readyMs });
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  place.say(started.length > 0 ? `ready after ${seconds} s` : "runs already");
}

/** All processes of a new server, or those of a running one that have ended. */
async function startMissing(
  stack: Stack,
  server: StackServer,
  place: Place,
  records: readonly Running[],
): Promise<readonly ProcessRecord[]> {
  const running = records.filter(({ alive }) => alive);
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
  // The second and third broker of a stack that had three and now has one.
  for (const record of records) {
    if (!siblings.includes(record.process)) await removeRecord(stack, record);
  }
  return started;
}

/** The log of the run before stays beside the new one: it may say why that run ended. */
async function freshLog(stack: Stack, { name }: ProcessPlan): Promise<string> {
  const log = stack.log(name);
  if (existsSync(log)) await Deno.rename(log, stack.log(`${name}.previous`));
  return log;
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${explain(error.cause)}`;
}

/** The number of brokers is of the whole stack: half a cluster of each kind would be none. */
function brokersOf(records: readonly Running[], wanted: 1 | 3 | undefined): 1 | 3 {
  const now = records.find(({ alive }) => alive)?.brokers;
  if (now !== undefined && wanted !== undefined && now !== wanted) {
    throw new StackError(
      `The stack runs for ${now} broker${now === 1 ? "" : "s"}: run "deno task stack down" first`,
    );
  }
  return wanted ?? now ?? records[0]?.brokers ?? 1;
}

/** Those that are named, and those that these need. */
function chooseServers(stack: Stack, { only, with: others = [] }: UpOptions): readonly StackServer[] {
  const names = stack.servers.map(({ name }) => name);
  const usual = stack.servers.filter(({ onlyWhenNamed }) => !onlyWhenNamed).map(({ name }) => name);
  const chosen = new Set([...only ?? usual, ...others]);
  for (const name of chosen) {
    const server = stack.servers.find((server) => server.name === name);
    if (!server) throw new StackError(`Server "${name}" is unknown: choose from ${names.join(", ")}`);
    server.needs?.forEach((needed) => chosen.add(needed));
  }
  return stack.servers.filter(({ name }) => chosen.has(name));
}

export interface UpOptions {
  /** Names of servers, to which come those that they need; all but those that wait to be named when left out. */
  readonly only?: readonly string[] | undefined;
  /** Names of servers that come besides. */
  readonly with?: readonly string[] | undefined;
  /** As before when left out, at first 1. */
  readonly brokers?: 1 | 3 | undefined;
  /** How long a server may take to serve, in milliseconds. */
  readonly readyMs?: number | undefined;
}

/** Keycloak's first start on a busy machine. */
const READY_MS = 300_000;
