import { setTimeout as delay } from "node:timers/promises";
import { lastLines } from "./log_tail.ts";
import { isAlive } from "./process_id.ts";
import type { ProcessRecord } from "./records.ts";
import type { Place, StackServer } from "./server.ts";
import { type Stack, StackError } from "./stack.ts";

/** Waits until the server serves; rejects with `StackError` when one of its processes ends or the time is over. */
export async function untilReady(stack: Stack, server: StackServer, place: Place, wait: Wait): Promise<void> {
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

interface Wait {
  readonly processes: readonly ProcessRecord[];
  readonly readyMs: number;
}

const ATTEMPT_MS = 10_000;
const POLL_MS = 200;
