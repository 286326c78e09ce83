import { openEmbeddedStatisticsStore } from "../../../shared/adapters/embedded/statistics_store/statistics_store.ts";
import { openMongo } from "../../../shared/adapters/mongodb/connect.ts";
import { openMongoStatisticsStore } from "../../../shared/adapters/mongodb/statistics_store.ts";
import { openPool } from "../../../shared/adapters/postgres/pool.ts";
import type { EventLog } from "../../../shared/ports/event_log.ts";
import type { StatisticsStore } from "../../../shared/ports/statistics_store.ts";
import { sleep } from "../../../shared/resilience/backoff.ts";
import { untilAborted } from "../../../shared/resilience/until_aborted.ts";
import { statisticsConsumer } from "../../../workers/statistics/consumer.ts";
import type { Context } from "../scenario.ts";
import { type Cost, timed } from "./turn.ts";

/** Lets one consumer count all that waits in the log, and tells each few seconds how far it is and what still waits. */
export async function catchUp(
  context: Context,
  eventLog: EventLog,
  { events, open }: Waiting,
): Promise<Cost> {
  await using opened = await open(context);
  const { store, server } = opened;
  let counted = 0;
  const [begun, all] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const consumer = statisticsConsumer({
    eventLog,
    store: {
      apply(batch) {
        begun.resolve();
        return store.apply(batch);
      },
    },
    deadLetters: {
      send: () => Promise.reject(new Error("Expect no poison among the events of the bench")),
    },
    observe(seen) {
      counted += seen.counted;
      if (counted >= events) all.resolve();
    },
  });
  const told = new AbortController();
  try {
    await consumer.start();
    // A group makes its first member wait for others.
    await untilAborted(begun.promise, context.signal);
    const telling = tellProgress(context, eventLog, { events, counted: () => counted, signal: told.signal });
    const cost = await timed(context, ["kafka", server], async () => {
      await untilAborted(all.promise, context.signal);
      return events;
    });
    told.abort();
    await telling;
    const { provinces } = await store.read();
    return { ...cost, wrong: Math.abs(events - provinces.reduce((sum, { jumlah }) => sum + jumlah, 0)) };
  } finally {
    told.abort();
    await consumer.stop();
  }
}

/** The database stays until the server goes: SecantusDB would be busy with dropping it during the next turn. */
export async function inMongodb({ servers }: Context): Promise<OpenedStore> {
  const mongo = await openMongo(servers.variables["MONGODB_URI"] ?? "", {
    database: `bench_${crypto.randomUUID()}`,
  });
  const store = await openMongoStatisticsStore(mongo);
  return opened(store, "mongodb", () => mongo.close());
}

export async function inPostgres({ servers }: Context): Promise<OpenedStore> {
  const pool = openPool(await servers.newDatabase(), { max: 6, name: "bench-statistics" });
  const store = await openEmbeddedStatisticsStore(pool);
  return opened(store, "postgres", () => pool.end());
}

function opened(store: StatisticsStore, server: string, disconnect: () => Promise<void>): OpenedStore {
  return {
    ...{ store, server },
    async [Symbol.asyncDispose]() {
      await store.close();
      await disconnect();
    },
  };
}

export type OpenStore = (context: Context) => Promise<OpenedStore>;

interface OpenedStore extends AsyncDisposable {
  readonly store: StatisticsStore;
  /** By its name in `meter`. */
  readonly server: string;
}

interface Waiting {
  /** As many as are in the log. */
  readonly events: number;
  readonly open: OpenStore;
}

async function tellProgress({ say }: Context, eventLog: EventLog, progress: Progress): Promise<void> {
  const { events, counted, signal } = progress;
  const of = (count: number) => count.toLocaleString("en");
  for (;;) {
    const before = counted();
    await sleep(TELL_MS, signal);
    if (signal.aborted) return;
    const waiting = await eventLog.lag("pendaftaran-events", "statistics-group");
    const lag = waiting.reduce((sum, { lag }) => sum + lag, 0);
    const perSecond = Math.round(1000 * (counted() - before) / TELL_MS);
    const toGo = perSecond > 0 ? `, ${Math.ceil(lag / perSecond)} s to go` : "";
    say(`statistics: ${of(counted())} of ${of(events)} counted, ${of(perSecond)}/s, lag ${of(lag)}${toGo}`);
  }
}

interface Progress {
  readonly events: number;
  readonly counted: () => number;
  readonly signal: AbortSignal;
}

const TELL_MS = 5_000;
