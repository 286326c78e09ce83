import { deadLetters } from "../../shared/dead_letters/dead_letters.ts";
import { servePartState } from "../../shared/runtime/part_state.ts";
import type { Platform } from "../../shared/runtime/platform.ts";
import { runAlone } from "../../shared/runtime/run_alone.ts";
import type { Dependency, Service } from "../../shared/runtime/service.ts";
import { createStatisticsApp } from "./app.ts";
import { watchCatchingUp } from "./catching_up.ts";
import { statisticsConsumer } from "./consumer.ts";

/** Counts the events of the log and answers `GET /stats`. */
export async function startStatistics(platform: Platform): Promise<Service> {
  const { metrics, shutdown } = platform;
  const eventLog = await platform.eventLog();
  const store = await platform.statisticsStore();
  const identity = await platform.identity("statistik-service");
  const counted = metrics.counter("statistics_counted_total", "Registrations counted");
  const repeated = metrics.counter(
    "statistics_repeated_total",
    "Registrations delivered again and not counted again",
  );
  const { onEffect, onLetter } = platform.events.follow("statistics-group", eventLog);
  const lag = async () => {
    const partitions = await eventLog.lag("pendaftaran-events", "statistics-group");
    return partitions.reduce((sum, { lag }) => sum + lag, 0);
  };
  const catchingUp = watchCatchingUp({ lag });
  const consumer = statisticsConsumer({
    eventLog,
    store,
    deadLetters: deadLetters(eventLog, {
      group: "statistics-group",
      onArrival: onLetter,
    }),
    observe(seen) {
      counted(seen.counted);
      catchingUp.counted(seen.counted + seen.repeated);
      repeated(seen.repeated);
      for (const seconds of seen.ages) onEffect(seconds);
    },
  });
  await consumer.start();
  const audit = await platform.audit("statistics");
  const app = createStatisticsApp({
    store,
    eventLog,
    identity,
    audit: audit.of("statistics"),
    observe: metrics.observeRequest,
    shutdown,
  });
  const dependencies: readonly Dependency[] = [
    { name: "event-log", check: (signal) => eventLog.check(signal) },
    { name: "statistics-store", check: (signal) => store.check(signal) },
    { name: "identity", check: (signal) => identity.check(signal) },
    { name: "audit", check: () => audit.check() },
  ];
  servePartState(app, { dependencies, figures: { statisticsLag: lag } });
  return {
    name: "statistics",
    fetch: app.fetch,
    dependencies,
    async stop() {
      catchingUp.stop();
      await consumer.stop();
    },
  };
}

if (import.meta.main) await runAlone("statistics", { start: startStatistics, port: 8003 });
