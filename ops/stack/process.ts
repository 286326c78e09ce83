import { setTimeout as delay } from "node:timers/promises";
import type { ProcessPlan } from "./server.ts";

/**
 * Starts a program in a session of its own, so that it runs on when this process ends and Ctrl-C does not reach it.
 * Its output goes to the file `log`, which begins anew.
 */
export async function startProcess(plan: ProcessPlan, log: string): Promise<ProcessId> {
  await Deno.writeTextFile(log, "", { mode: 0o600 });
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", 'exec >>"$0" 2>&1; exec "$@"', log, plan.command, ...plan.args],
    ...(plan.env && { env: { ...plan.env } }),
    ...(plan.cwd !== undefined && { cwd: plan.cwd }),
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  child.unref();
  return await identify(child.pid) ?? { pid: child.pid, started: ENDED };
}

/** The process that has this number now. */
export async function identify(pid: number): Promise<ProcessId | undefined> {
  const started = await startOf(pid);
  return started === undefined ? undefined : { pid, started };
}

/** Whether this very process runs, and not another that got its number. */
export async function isAlive({ pid, started }: ProcessId): Promise<boolean> {
  return await startOf(pid) === started;
}

/**
 * Ends a process and all that it started in its session: asks them to stop, and kills what is left when the process
 * has ended or `graceMs` have passed. Answers whether the process is gone.
 */
export async function stopProcess(process: ProcessId, graceMs = 20_000): Promise<boolean> {
  if (!await isAlive(process)) return true;
  signalGroup(process.pid, "SIGTERM");
  await isGone(process, graceMs);
  // The number is still ours: it was in use a moment ago, and Linux gives all others out before it comes again.
  signalGroup(process.pid, "SIGKILL");
  return await isGone(process, KILL_MS);
}

function signalGroup(leader: number, signal: Deno.Signal): void {
  try {
    Deno.kill(-leader, signal);
  } catch (error) {
    // All of it has ended.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function isGone(process: ProcessId, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (await isAlive(process)) {
    if (performance.now() > deadline) return false;
    await delay(50);
  }
  return true;
}

/** When the process started, in a form that no later process with its number can have; undefined when it has ended. */
async function startOf(pid: number): Promise<string | undefined> {
  return Deno.build.os === "linux" ? await startOnLinux(pid) : await startByPs(pid);
}

async function startOnLinux(pid: number): Promise<string | undefined> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    // proc_pid_stat(5): after the name in parentheses, which may hold anything, state is field 3, start time 22.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const boot = (await Deno.readTextFile("/proc/sys/kernel/random/boot_id")).trim();
    return state === "Z" || state === "X" ? undefined : `${boot} ${rest[18]}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || isNoSuchProcess(error)) return undefined;
    throw error;
  }
}

/** ESRCH, where a process ends while its file is read: Deno 2.9 has no class and no `code` for it. */
function isNoSuchProcess(error: unknown): boolean {
  return error instanceof Error && error.message.includes("(os error 3)");
}

async function startByPs(pid: number): Promise<string | undefined> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "stat=,lstart=", "-p", String(pid)],
    env: { LC_ALL: "C" },
    stderr: "null",
  }).output();
  const [, state, started] = /^\s*(\S+)\s+(.*\S)\s*$/.exec(new TextDecoder().decode(stdout)) ?? [];
  return state?.startsWith("Z") ? undefined : started;
}

export interface ProcessId {
  readonly pid: number;
  /** Tells it from other processes that get the same number. */
  readonly started: string;
}

/** Of a process that ended before it could be looked at: equal to no start. */
const ENDED = "ended";
const KILL_MS = 5_000;
