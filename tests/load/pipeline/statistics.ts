import { Kafka, logLevel } from "kafkajs";
import { MongoClient } from "mongodb";
import { openMongo } from "../../../shared/adapters/mongodb/connect.ts";
import { openMongoStatisticsStore } from "../../../shared/adapters/mongodb/statistics_store.ts";
import type { EventLog } from "../../../shared/ports/event_log.ts";
import { generateKeys, parseKeys } from "../../../shared/security/key_ring.ts";
import { statisticsConsumer } from "../../../workers/statistics/consumer.ts";
import { Samples } from "../samples.ts";
import type { Context, Scenario } from "../scenario.ts";
import { publishEvents } from "./events.ts";
import { type LogNames, timed, withEventLog } from "./turn.ts";

/**
 * Catching up on events that wait in Kafka: ours, each counted exactly once, against one `updateOne` for each
 * `eachMessage`, on the same servers. In the full run also on a million.
 */
export const statistics: Scenario = {
  name: "statistics",
  async run(context) {
    const samples = new Samples();
    for (let round = 0; round < context.rounds; round++) {
      await withEventLog(context, async (log, names) => {
        const events = context.quick ? 40_000 : 100_000;
        await publish(context, log, events);
        const theirs = await plainly(context, names, context.quick ? 1_000 : 5_000);
        samples.add(NAME, "baseline", theirs, "eachMessage, one updateOne an event");
        samples.add(NAME, "ours", await count(context, log, events), "exactly once");
      });
    }
    if (!context.quick) {
      await withEventLog(context, async (log) => {
        await publish(context, log, MILLION);
        samples.add(
          "statistics, catching up on 1,000,000 events",
          "ours",
          await count(context, log, MILLION),
        );
      });
    }
    return samples.rows();
  },
};

async function publish({ signal }: Context, log: EventLog, events: number): Promise<void> {
  await publishEvents(log, events, parseKeys(generateKeys(new Date())).events, signal);
}

async function count(context: Context, eventLog: EventLog, events: number) {
  const database = `bench_${crypto.randomUUID()}`;
  const mongo = await openMongo(mongoUri(context), { database });
  try {
    const store = await openMongoStatisticsStore(mongo);
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
    const telling = setInterval(() => context.say(`statistics: ${counted} of ${events} counted`), 10_000);
    const stop = () => all.reject(context.signal.reason);
    context.signal.addEventListener("abort", stop);
    try {
      await consumer.start();
      // A group makes its first member wait for others.
      await Promise.race([begun.promise, all.promise]);
      const round = await timed(context, SERVERS, () => all.promise.then(() => events));
      const { provinces } = await store.read();
      return { ...round, wrong: Math.abs(events - provinces.reduce((sum, { jumlah }) => sum + jumlah, 0)) };
    } finally {
      clearInterval(telling);
      context.signal.removeEventListener("abort", stop);
      await consumer.stop();
    }
  } finally {
    // The database stays until the server goes: SecantusDB would be busy with dropping it during the next turn.
    await mongo.close();
  }
}

/** As the plain implementation counts, for so many events. */
async function plainly(context: Context, { brokers, prefix }: LogNames, events: number) {
  const client = await new MongoClient(mongoUri(context)).connect();
  const database = client.db(`bench_${crypto.randomUUID()}`);
  const counters = database.collection("province-stats");
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `${prefix}plain` });
  const all = Promise.withResolvers<void>();
  const stop = () => all.reject(context.signal.reason);
  context.signal.addEventListener("abort", stop);
  let counted = 0;
  try {
    await consumer.connect();
    await consumer.subscribe({ topic: `${prefix}pendaftaran-events`, fromBeginning: true });
    const joined = Promise.withResolvers<void>();
    consumer.on("consumer.group_join", () => joined.resolve());
    await consumer.run({
      async eachMessage({ message }) {
        await joined.promise;
        if (counted >= events) return;
        const { data: { kode } } = JSON.parse(message.value?.toString() ?? "");
        await counters.updateOne({ provinsi: kode }, { $inc: { jumlah: 1 } }, { upsert: true });
        if (++counted === events) all.resolve();
      },
    });
    await joined.promise;
    return await timed(context, SERVERS, () => all.promise.then(() => events));
  } finally {
    context.signal.removeEventListener("abort", stop);
    await consumer.disconnect();
    await client.close();
  }
}

function mongoUri({ servers }: Context): string {
  return servers.variables["MONGODB_URI"] ?? "";
}

const NAME = "statistics, counting in MongoDB";
const SERVERS = ["kafka", "mongodb"];
const MILLION = 1_000_000;
