import { openMongoStatisticsStore } from "../../shared/adapters/mongodb/statistics_store.ts";
import { statisticsStoreContract } from "../contract/statistics_store_contract.ts";
import { openTestMongo } from "./mongodb.ts";

statisticsStoreContract("MongoDB", async () => {
  const { mongo, open, drop } = await openTestMongo();
  const other = await open();
  return {
    store: await openMongoStatisticsStore(mongo),
    second: await openMongoStatisticsStore(other),
    async close() {
      await other.close();
      await drop();
    },
  };
});
