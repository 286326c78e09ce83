import { Hono } from "hono";
import type { LiveLogLevels } from "../telemetry/logging.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { serveLogLevels } from "./log_level_routes.ts";
import { probe } from "./probe.ts";
import type { Dependency } from "./service.ts";

/**
 * What operators and probes ask: `/healthz` (the process lives), `/readyz` (each dependency by name; 503 when one
 * does not answer or the process stops), `/metrics` and `/log-level`. Not for the public: the edge serves it apart in production.
 */
export function createOperations(options: OperationsOptions): Hono {
  const { dependencies, metrics, shutdown, logLevels } = options;
  const app = new Hono();
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", async (c) => {
    const states = await Promise.all(dependencies.map(probe));
    const ready = !shutdown.aborted && states.every(([, state]) => state !== "unavailable");
    const status = shutdown.aborted ? "stopping" : ready ? "ok" : "unavailable";
    return c.json({ status, dependencies: Object.fromEntries(states) }, ready ? 200 : 503);
  });
  app.get("/metrics", async (c) => {
    c.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    return c.body(await metrics.text());
  });
  serveLogLevels(app, logLevels);
  return app;
}

export interface OperationsOptions {
  readonly dependencies: readonly Dependency[];
  readonly metrics: Metrics;
  readonly shutdown: AbortSignal;
  readonly logLevels: LiveLogLevels;
}
