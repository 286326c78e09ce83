import { setTimeout as delay } from "node:timers/promises";
import { markedWith, markOf } from "./mark.ts";
import { identify, isAlive, type ProcessId } from "./process_id.ts";
import type { ProcessPlan } from "./server.ts";

/**
 * Starts a program in a session of its own, so that it runs on when this process ends and Ctrl-C does not reach it.
 * Its output goes to the file `log`, which begins anew.
 */
export async function startProcess(plan: ProcessPlan, log: string): Promise<StackProcess> {
  await Deno.writeTextFile(log, "", { mode: 0o600 });
  const mark = crypto.randomUUID();
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", 'exec >>"$0" 2>&1; exec "$@"', log, plan.command, ...plan.args],
    env: { ...plan.env, ...markOf(mark) },
    ...(plan.cwd !== undefined && { cwd: plan.cwd }),
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  child.unref();
  return { mark, ...await identify(child.pid) ?? { pid: child.pid, started: ENDED } };
}

/**
 * Ends a process and all that it started, also when it has ended before them: asks it to stop, and kills what is left
 * then or after `graceMs`. Answers whether all are gone.
 */
export async function stopProcess(process: StackProcess, graceMs = 20_000): Promise<boolean> {
  if (await isAlive(process)) signal(-process.pid, "SIGTERM");
  await until(async () => !await isAlive(process), graceMs);
  return await until(async () => {
    const left = await markedWith(process.mark);
    for (const pid of left) signal(pid, "SIGKILL");
    // Where nobody can see marks, the group has to do.
    if (await isAlive(process)) signal(-process.pid, "SIGKILL");
    return left.length === 0 && !await isAlive(process);
  }, KILL_MS);
}

/** To a process, or to all of its group where the number is negative. */
function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    // It ended between the look and the signal.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function until(holds: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!await holds()) {
    if (performance.now() > deadline) return false;
    await delay(50);
  }
  return true;
}

export interface StackProcess extends ProcessId {
  /** Carried by all that it starts. */
  readonly mark: string;
}

/** Of a process that ended before it could be looked at: equal to no start. */
const ENDED = "ended";
const KILL_MS = 5_000;
