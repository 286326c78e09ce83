import { migrate } from "../../../shared/adapters/postgres/migrate.ts";
import { openPool, type Pool } from "../../../shared/adapters/postgres/pool.ts";
import { generateKeys, parseKeys } from "../../../shared/security/key_ring.ts";
import { REGISTRY } from "../../../workers/registration/migrations.ts";
import { createRelay } from "../../../workers/relay/relay.ts";
import { withAdmin } from "../../stack/stack_kafka.ts";
import type { Context, Scenario } from "../scenario.ts";
import { fillOutbox } from "./outbox.ts";
import { timed, withEventLog } from "./turn.ts";

/** A full outbox into Kafka by one relay, every row acknowledged before it is deleted. */
export const relay: Scenario = {
  name: "relay",
  quick: { rounds: 1, each: 5, once: 3 },
  full: { rounds: 3, each: 12, once: 6 },
  async run(context) {
    const url = await context.servers.newDatabase();
    const pool = openPool(url, { max: 2, name: "bench-relay" });
    try {
      await migrate(pool, REGISTRY);
      // A broker that has just started takes half as many.
      await drain(context, url, pool, 60_000);
      const rows = context.quick ? 60_000 : 150_000;
      for (let round = 0; round < context.rounds; round++) {
        context.samples.add("relay, outbox to Kafka", "ours", await drain(context, url, pool, rows));
      }
    } finally {
      await pool.end();
    }
  },
};

async function drain(context: Context, url: string, pool: Pool, rows: number) {
  await fillOutbox(pool, rows, parseKeys(generateKeys(new Date())).events);
  return await withEventLog(context, async (eventLog, { brokers, prefix }) => {
    const relay = createRelay({ url, eventLog });
    const round = await timed(context, ["postgres", "kafka"], () => relay.processAll());
    await relay.stop();
    const ends = await withAdmin({ brokers }, (admin) => {
      return admin.fetchTopicOffsets(`${prefix}pendaftaran-events`);
    });
    const published = ends.reduce((sum, { high }) => sum + Number(high), 0);
    context.say(`relay: ${Math.round(round.perSecond)} events/s`);
    return { ...round, wrong: Math.abs(rows - published) };
  });
}
