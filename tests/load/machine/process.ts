import { join } from "node:path";
import { sleep } from "../../../shared/resilience/backoff.ts";
import { treeOf } from "../../faults/system/process_tree.ts";

/**
 * Starts a program whose output goes to `<logs>/<name>.log` and resolves when `ready` says so. Rejects when it ends
 * before, or is not ready in time.
 */
export async function startProcess(plan: Plan): Promise<BenchProcess> {
  const { name, logs, command, args, env, cwd, ready } = plan;
  const log = join(logs, `${name}.log`);
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", 'exec >>"$0" 2>&1; exec "$@"', log, command, ...args],
    // Nothing that the person's shell exports may lead it to other servers.
    clearEnv: true,
    env: { ...inherited(), NO_COLOR: "1", ...env },
    ...(cwd !== undefined && { cwd }),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let over = false;
  const ended = child.status.then(() => void (over = true));
  const process = { pid: child.pid, end: () => end(child.pid, ended) };
  const deadline = performance.now() + START_MS;
  for (;;) {
    const isReady = await ready(AbortSignal.timeout(LOOK_MS)).catch(() => false);
    if (over) throw new Error(`Process "${name}" ended at its start: see ${log}`);
    if (isReady) return process;
    if (performance.now() > deadline) {
      await process.end();
      throw new Error(`Process "${name}" is not ready after ${START_MS / 1000} s: see ${log}`);
    }
    await sleep(100, new AbortController().signal);
  }
}

export interface BenchProcess {
  readonly pid: number;
  /** Asks it to end, and kills it with all that it has started when it takes too long. */
  end(): Promise<void>;
}

export interface Plan {
  /** Unique: names the log. */
  readonly name: string;
  readonly logs: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly ready: (signal: AbortSignal) => Promise<boolean>;
}

/** Whether the URL answers 200. */
export async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(url, { signal });
  await response.body?.cancel();
  return response.status === 200;
}

async function end(pid: number, ended: Promise<void>): Promise<void> {
  const tree = await treeOf(pid);
  send(pid, "SIGTERM");
  const late = setTimeout(() => tree.forEach((each) => send(each, "SIGKILL")), END_MS);
  await ended;
  clearTimeout(late);
}

function send(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // it has ended meanwhile
  }
}

function inherited(): Record<string, string> {
  const names = ["PATH", "HOME", "DENO_DIR", "JAVA_HOME", "TMPDIR", "LANG"];
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

const START_MS = 90_000;
const LOOK_MS = 10_000;
const END_MS = 15_000;
