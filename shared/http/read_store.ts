import { getLogger } from "@logtape/logtape";
import type { Context } from "hono";
import { untilAborted } from "../resilience/until_aborted.ts";
import type { AppEnv } from "./app.ts";
import { deadlineOf } from "./deadline.ts";
import { Problem } from "./problem.ts";

/**
 * A store that cannot be read before the deadline is 503, whichever store it is: the same request may succeed later.
 */
export async function readStore<T>(c: Context<AppEnv>, reading: Promise<T>): Promise<T> {
  const { traceId } = c.var.trace;
  try {
    return await untilAborted(reading, deadlineOf(c));
  } catch (cause) {
    const error = cause instanceof Error ? cause.name : typeof cause;
    log.error("Cannot read from the store: {error}", { error, traceId });
    throw new Problem("STORE_UNREADABLE", "Data belum dapat dibaca; coba lagi sebentar lagi", { cause });
  }
}

const log = getLogger(["kependudukan", "http"]);
