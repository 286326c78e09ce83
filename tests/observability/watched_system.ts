import { join } from "node:path";
import { jaeger } from "../../ops/stack/servers/jaeger.ts";
import { startServer } from "../faults/system/dependency.ts";
import { startSystem, type System } from "../faults/system/system.ts";
import { type Jaeger, openJaeger } from "./jaeger.ts";

/**
 * Every part and every external system a process of its own, on real servers that are nobody else's, and a real Jaeger
 * that all parts send their spans to.
 */
export async function startWatchedSystem(folder: string, interrupted: AbortSignal): Promise<WatchedSystem> {
  await using started = new AsyncDisposableStack();
  const logs = join(folder, "logs");
  await Deno.mkdir(logs);
  const { direct } = await startServer(jaeger, { folder, logs, started, interrupted, over: [] });
  const { JAEGER_URL = "", ...tracing } = direct;
  const system = started.use(
    await startSystem({
      on: "stack",
      folder,
      interrupted,
      only: (part) => ({
        ...tracing,
        OTEL_SERVICE_NAME: part,
        OTEL_BSP_SCHEDULE_DELAY: "200",
        // Where POST /audit/search looks.
        AUDIT_SINKS: part === "registration" ? "table,stdout" : "stdout",
      }),
    }),
  );
  const running = started.move();
  return {
    system,
    jaeger: openJaeger(JAEGER_URL),
    otlp: direct["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "",
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

export interface WatchedSystem extends AsyncDisposable {
  readonly system: System;
  readonly jaeger: Jaeger;
  /** Where Jaeger takes spans. */
  readonly otlp: string;
}
