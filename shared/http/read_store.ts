import { getLogger } from "@logtape/logtape";
import { Problem } from "./problem.ts";
import type { Trace } from "../telemetry/trace.ts";

/** A store that cannot be read is 503, whichever store it is: the same request may succeed later. */
export async function readStore<T>(reading: Promise<T>, { traceId }: Trace): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    const error = cause instanceof Error ? cause.name : typeof cause;
    log.error("Cannot read from the store: {error}", { error, traceId });
    throw new Problem("STORE_UNREADABLE", "Data belum dapat dibaca; coba lagi sebentar lagi", { cause });
  }
}

const log = getLogger(["kependudukan", "http"]);
