import { getLogger } from "@logtape/logtape";
import { Problem } from "../../shared/http/problem.ts";
import type { Trace } from "../../shared/telemetry/trace.ts";

/** A store that cannot be read is 503, whichever store it is: the same request may succeed later. */
export async function orUnavailable<T>(work: Promise<T>, { traceId }: Trace): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const error = cause instanceof Error ? cause.name : typeof cause;
    log.error("Cannot read the statistics: {error}", { error, traceId });
    throw new Problem("STORE_UNAVAILABLE", "Statistik belum dapat dibaca; coba lagi sebentar lagi", {
      cause,
    });
  }
}

const log = getLogger(["kependudukan", "statistics"]);
