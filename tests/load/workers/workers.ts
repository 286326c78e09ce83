import { openLag } from "../kafka_lag.ts";
import { startIdentity } from "../ours/identity.ts";
import { prepareOurs } from "../ours/system.ts";
import type { Scenario } from "../scenario.ts";
import { follow, FOLLOWERS } from "./follow.ts";
import { serve } from "./serve.ts";

/**
 * What 1, 2 and 4 processes of each kind carry and take: those that serve, under load; those that follow the outbox and
 * the log, catching up on what waits for them. On two cores, four show what they cost rather than what they add.
 */
export const workers: Scenario = {
  name: "workers",
  full: { rounds: 1, each: 205, once: 10 },
  async run(context) {
    const { servers, folder, rounds } = context;
    const identity = await startIdentity(OFFICERS, folder);
    const lag = await openLag(servers.variables["KAFKA_BROKERS"] ?? "");
    const ours = await prepareOurs({ servers, identity, folder });
    try {
      // Their tables must be there before what is in them is counted.
      await Promise.all([ours.onlooker.statisticsStore(), ours.onlooker.smsLedger()]);
      const world = { context, ours, identity, lag };
      for (let round = 0; round < rounds; round++) {
        for (const processes of NUMBERS) await serve(processes, world);
        for (const follower of FOLLOWERS) {
          for (const processes of NUMBERS) await follow(processes, follower, world);
        }
      }
    } finally {
      await ours.end();
      await lag.close();
      await identity.end();
    }
  },
};

const NUMBERS = [1, 2, 4] as const;
const OFFICERS = 100;
