import { getLogger } from "@logtape/logtape";
import type { Hono } from "hono";
import type { AppEnv } from "../http/app.ts";
import type { FigureName, PartState } from "../http/schemas/system.ts";
import { untilAborted } from "../resilience/until_aborted.ts";
import { probe, PROBE_MS } from "./probe.ts";
import type { Dependency } from "./service.ts";

/**
 * `GET /sistem` of a part: how it is, for the edge, which asks all parts and tells admins. Stands behind `onlyFromEdge`.
 * A figure that cannot be read in time is left out: the rest is worth knowing all the more.
 */
export function servePartState(app: Hono<AppEnv>, { dependencies, figures = {} }: PartStateParts): void {
  app.get("/sistem", async (c) => {
    const [states, read] = await Promise.all([
      Promise.all(dependencies.map(probe)),
      Promise.all(Object.entries(figures).map(readFigure)),
    ]);
    return c.json<PartState>({
      dependencies: Object.fromEntries(states),
      figures: Object.fromEntries(read.flat()),
    });
  });
}

export interface PartStateParts {
  readonly dependencies: readonly Dependency[];
  readonly figures?: Readonly<Partial<Record<FigureName, () => Promise<number>>>>;
}

async function readFigure(
  [name, read]: [string, () => Promise<number>],
): Promise<readonly [string, number][]> {
  try {
    return [[name, await untilAborted(read(), AbortSignal.timeout(PROBE_MS))]];
  } catch (error) {
    log.warn("Cannot read figure {name}: {error}", {
      name,
      error: error instanceof Error ? error.name : "unknown",
    });
    return [];
  }
}

const log = getLogger(["kependudukan", "operations"]);
