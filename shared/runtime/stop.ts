import { getLogger } from "@logtape/logtape";
import { makeOwnSpans } from "./own_spans.ts";

/**
 * Runs a process until SIGINT or SIGTERM, or until the promise that `start` answers with rejects. What `start` defers
 * is then undone, the last first: the process ends with 0 when that was done in 8 seconds, else with 1.
 */
export async function runProcess(
  start: (running: AsyncDisposableStack, signal: AbortSignal) => Promise<Started>,
): Promise<void> {
  makeOwnSpans();
  const stopping = new AbortController();
  await using running = new AsyncDisposableStack();
  const stopped = Promise.withResolvers<void>();
  onStop(async () => {
    stopping.abort(new DOMException("Process stops", "AbortError"));
    await running.disposeAsync();
    stopped.resolve();
  });
  const { failed = stopped.promise } = await start(running, stopping.signal);
  await Promise.race([failed, stopped.promise]);
}

export interface Started {
  /** Rejects when the process cannot go on. */
  readonly failed?: Promise<never>;
}

function onStop(stop: () => Promise<void>): void {
  let stopping = false;
  const handle = async () => {
    if (stopping) return;
    stopping = true;
    log.info("Process stops");
    setTimeout(() => {
      log.error("Process did not stop within {seconds} s: ends at once", { seconds: STOP_MS / 1000 });
      Deno.exit(1);
    }, STOP_MS);
    try {
      await stop();
      Deno.exit(0);
    } catch (error) {
      const reason = error instanceof Error ? error.name : "unknown";
      log.error("Process did not stop cleanly: {reason}", { reason });
      Deno.exit(1);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, handle);
}

const STOP_MS = 8_000;
const log = getLogger(["kependudukan", "process"]);
