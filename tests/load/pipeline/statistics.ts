import type { EventLog } from "../../../shared/ports/event_log.ts";
import { generateKeys, parseKeys } from "../../../shared/security/key_ring.ts";
import type { Context, Scenario } from "../scenario.ts";
import { catchUp, inMongodb, inPostgres, type OpenStore } from "./catch_up.ts";
import { publishEvents } from "./events.ts";
import { countOneByOne } from "./one_by_one.ts";
import { type Cost, withEventLog } from "./turn.ts";

/**
 * Catching up on events that wait in Kafka: ours, each counted exactly once, against one `updateOne` for each
 * `eachMessage`, on the same servers. In the full run also on a million, with the store of `deno task dev`, since what
 * stands in for mongod is the limit of the other one.
 */
export const statistics: Scenario = {
  name: "statistics",
  quick: { rounds: 1, each: 20, once: 6 },
  full: { rounds: 3, each: 36, once: 85 },
  async run(context) {
    const { quick, rounds, samples } = context;
    for (let round = 0; round < rounds; round++) {
      await withEventLog(context, async (log, names) => {
        const events = quick ? 30_000 : 100_000;
        await publish(context, log, events);
        const theirs = await countOneByOne(context, names, quick ? 1_500 : 4_000);
        samples.add(COUNTING, "baseline", theirs, "eachMessage, one updateOne an event");
        samples.add(
          COUNTING,
          "ours",
          await catchUp(context, log, { events, open: inMongodb }),
          "exactly once",
        );
      });
    }
    const many = quick ? 60_000 : 1_000_000;
    const name = `statistics, catching up on ${many.toLocaleString("en")} events`;
    samples.add(name, "ours", await catchUpOn(context, many, inPostgres), "exactly once, in PostgreSQL");
  },
};

async function catchUpOn(context: Context, events: number, open: OpenStore): Promise<Cost> {
  return await withEventLog(context, async (log) => {
    await publish(context, log, events);
    return await catchUp(context, log, { events, open });
  });
}

async function publish({ signal }: Context, log: EventLog, events: number): Promise<void> {
  await publishEvents(log, events, parseKeys(generateKeys(new Date())).events, signal);
}

const COUNTING = "statistics, counting in MongoDB";
