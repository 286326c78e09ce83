import { getLogger } from "@logtape/logtape";
import { untilAborted } from "../resilience/until_aborted.ts";
import type { Dependency } from "./service.ts";

/** Asks a dependency how it is, for at most two seconds. */
export async function probe(
  { name, check, optional }: Dependency,
): Promise<readonly [name: string, state: DependencyState]> {
  const deadline = AbortSignal.timeout(PROBE_MS);
  try {
    await untilAborted(check(deadline), deadline);
    return [name, "ok"];
  } catch (error) {
    log.warn("Dependency {name} does not answer: {error}", {
      name,
      error: error instanceof Error ? error.name : "unknown",
    });
    return [name, optional ? "degraded" : "unavailable"];
  }
}

export type DependencyState = "ok" | "degraded" | "unavailable";

export const PROBE_MS = 2_000;

const log = getLogger(["kependudukan", "operations"]);
