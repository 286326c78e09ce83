import process from "node:process";
import type { Metrics } from "./metrics.ts";

/** What the process itself needs: memory, CPU, and how late its one thread is. */
export function observeProcess(metrics: Metrics, revision: string, stop: AbortSignal): void {
  metrics.gauges("process_memory_bytes", "Memory of the process by kind", ["kind"], () => {
    const { rss, heapUsed, heapTotal, external } = Deno.memoryUsage();
    return Object.entries({ rss, heapUsed, heapTotal, external })
      .map(([kind, value]) => ({ labels: { kind }, value }));
  });
  metrics.gauge("process_cpu_seconds", "CPU time that the process has used", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  const started = (performance.timeOrigin) / 1000;
  metrics.gauge("process_start_time_seconds", "When the process started, in Unix seconds", () => started);
  const { deno, v8 } = Deno.version;
  metrics.gauges("build_info", "1, with the commit and the versions that run as labels", [
    "revision",
    "deno",
    "v8",
  ], () => [
    { labels: { revision, deno, v8 }, value: 1 },
  ]);
  observeEventLoop(metrics, stop);
}

/** A timer that fires late was kept waiting by work that did not let go of the thread, as were all requests. */
function observeEventLoop(metrics: Metrics, stop: AbortSignal): void {
  const delay = metrics.histogram(
    "event_loop_delay_seconds",
    "How much later than it should a timer fired",
    [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  );
  let due = performance.now() + EVERY_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    delay(Math.max(0, now - due) / 1000);
    due = now + EVERY_MS;
  }, EVERY_MS);
  Deno.unrefTimer(timer);
  stop.addEventListener("abort", () => clearInterval(timer), { once: true });
}

const EVERY_MS = 250;
