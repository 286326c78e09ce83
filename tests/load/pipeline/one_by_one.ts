import { Kafka, logLevel } from "kafkajs";
import { MongoClient } from "mongodb";
import { untilAborted } from "../../../shared/resilience/until_aborted.ts";
import type { Context } from "../scenario.ts";
import { type Cost, type LogNames, timed } from "./turn.ts";

/**
 * Counts so many events as the plain implementation does: `eachMessage`, and one `updateOne` for each. Before them it
 * counts `WARM_UP`, so that the making of the collection and the first plans are not measured.
 */
export async function countOneByOne(
  context: Context,
  { brokers, prefix }: LogNames,
  events: number,
): Promise<Cost> {
  const client = await new MongoClient(context.servers.variables["MONGODB_URI"] ?? "").connect();
  const counters = client.db(`bench_${crypto.randomUUID()}`).collection("province-stats");
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `${prefix}plain` });
  const [warm, all] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let counted = 0;
  try {
    await consumer.connect();
    await consumer.subscribe({ topic: `${prefix}pendaftaran-events`, fromBeginning: true });
    await consumer.run({
      async eachMessage({ message }) {
        if (counted >= WARM_UP + events) return;
        const { data: { kode } } = JSON.parse(message.value?.toString() ?? "");
        await counters.updateOne({ provinsi: kode }, { $inc: { jumlah: 1 } }, { upsert: true });
        if (++counted === WARM_UP) warm.resolve();
        if (counted === WARM_UP + events) all.resolve();
      },
    });
    await untilAborted(warm.promise, context.signal);
    return await timed(context, ["kafka", "mongodb"], async () => {
      await untilAborted(all.promise, context.signal);
      return events;
    });
  } finally {
    await consumer.disconnect();
    await client.close();
  }
}

const WARM_UP = 300;
