import { migrate } from "../../shared/adapters/postgres/migrate.ts";
import { check } from "../../shared/adapters/postgres/pool.ts";
import type { Platform } from "../../shared/runtime/platform.ts";
import { runAlone } from "../../shared/runtime/run_alone.ts";
import type { Service } from "../../shared/runtime/service.ts";
import { REGISTRY } from "../registration/migrations.ts";
import { outboxDepth } from "./outbox.ts";
import { createRelay } from "./relay.ts";

/** Moves the outbox to the event log. It has no HTTP face but the operators'. */
export async function startRelay(platform: Platform): Promise<Service> {
  const { metrics } = platform;
  const pool = await platform.pool("relay", { max: 2, role: "relay" });
  await migrate(pool, REGISTRY);
  const eventLog = await platform.eventLog();
  // One scrape asks for three values, which one reading answers.
  let reading: ReturnType<typeof outboxDepth> | undefined;
  const depth = () => reading ??= outboxDepth(pool).finally(() => reading = undefined);
  metrics.gauge(
    "outbox_rows",
    "Registrations not yet in the event log",
    async () => (await depth()).rows,
  );
  metrics.gauge(
    "outbox_oldest_seconds",
    "Age of the oldest registration that is not yet in the event log",
    async () => (await depth()).oldestSeconds,
  );
  metrics.gauge(
    "outbox_parked_rows",
    "Events that the event log refuses, left to a person",
    async () => (await depth()).parked,
  );
  const onPublished = metrics.counter(
    "relay_published_total",
    "Events that the event log took of the outbox",
  );
  const relay = createRelay({ url: await platform.databaseUrl("relay"), eventLog, onPublished });
  relay.start();
  return {
    name: "relay",
    fetch: () => new Response(null, { status: 404 }),
    dependencies: [
      { name: "postgresql", check: (signal) => check(pool, signal) },
      { name: "event-log", check: (signal) => eventLog.check(signal) },
    ],
    stop: () => relay.stop(),
  };
}

if (import.meta.main) await runAlone("relay", { start: startRelay, port: 8005 });
