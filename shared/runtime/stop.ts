import { getLogger } from "@logtape/logtape";

/** Runs `stop` once at SIGINT or SIGTERM and ends the process: with 0 when it was done in 5 seconds, else with 1. */
export function onStop(stop: () => Promise<void>): void {
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
      log.error("Process did not stop cleanly: {error}", {
        error: error instanceof Error ? error.name : "unknown",
      });
      Deno.exit(1);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, handle);
}

const STOP_MS = 5_000;
const log = getLogger(["kependudukan", "process"]);
