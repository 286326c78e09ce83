import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { getLogger } from "@logtape/logtape";
import { shutDown } from "./shutdown.ts";

/**
 * Ends a server that outlived the process that started it, and clears the trace of one that did not. The caller holds
 * the lock of the data folder, so that whatever still runs on its cluster belongs to nobody.
 */
export async function endOrphan(cluster: string): Promise<void> {
  const pidFile = join(cluster, "postmaster.pid");
  const pid = await recordedPid(pidFile);
  if (pid === undefined) return;
  if (await runsOn(pid, cluster)) {
    log.warn("Stopping the PostgreSQL that a killed process left behind as process {pid}", { pid });
    const stopped = await shutDown({
      kill: (signal) => kill(pid, signal),
      gone: (waitMs) => gone(pid, cluster, waitMs),
    });
    if (!stopped) {
      throw new Error(`Cannot stop process ${pid}, a PostgreSQL that was left behind in "${cluster}"`);
    }
  }
  // Left in place, it would keep the new server from starting when any other process has this number by now.
  await Deno.remove(pidFile).catch(unlessNotFound(undefined));
}

async function recordedPid(pidFile: string): Promise<number | undefined> {
  const text = await Deno.readTextFile(pidFile).catch(unlessNotFound(""));
  const pid = Number.parseInt(text);
  return pid > 0 ? pid : undefined;
}

/** Whether the process is alive and a server of this cluster, rather than one that got the same number. */
async function runsOn(pid: number, cluster: string): Promise<boolean> {
  if (Deno.build.os === "linux") return await workingDirectory(pid) === cluster;
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "command=", "-p", String(pid)],
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).includes(`-D ${cluster} `);
}

// Another user's process is none of ours: an ordinary user's cluster has servers of that user only. By a program, since
// Deno opens /proc to nobody but who has every right.
async function workingDirectory(pid: number): Promise<string> {
  const { stdout } = await new Deno.Command("readlink", { args: [`/proc/${pid}/cwd`], stderr: "null" })
    .output();
  return new TextDecoder().decode(stdout).trim();
}

function kill(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function gone(pid: number, cluster: string, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs;
  while (await runsOn(pid, cluster)) {
    if (performance.now() > deadline) return false;
    await delay(20);
  }
  return true;
}

function unlessNotFound<T>(fallback: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Deno.errors.NotFound) return fallback;
    throw error;
  };
}

const log = getLogger(["kependudukan", "embedded-postgres"]);
