import { openEmbeddedStatisticsStore } from "../../shared/adapters/embedded/statistics_store/statistics_store.ts";
import { openTestDatabase } from "../database.ts";
import { statisticsStoreContract } from "./statistics_store_contract.ts";

statisticsStoreContract("embedded PostgreSQL", async () => {
  const database = await openTestDatabase();
  const [store, second] = await Promise.all([
    openEmbeddedStatisticsStore(database.as("statistics")),
    openEmbeddedStatisticsStore(database.as("statistics")),
  ]);
  return {
    store,
    second,
    async close() {
      await Promise.all([store.close(), second.close()]);
      await database.drop();
    },
  };
});
