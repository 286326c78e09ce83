import { openEmbeddedEventLog } from "../../shared/adapters/embedded/event_log/event_log.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { eventLogContract } from "./event_log_contract.ts";

let database: TestDatabase | undefined;

eventLogContract("tables of PostgreSQL", {
  async open() {
    database ??= await openTestDatabase();
    const { pool } = database;
    const url = database.urlAs("event_log");
    const [log, second] = [await openEmbeddedEventLog({ url }), await openEmbeddedEventLog({ url })];
    return {
      log,
      second: () => Promise.resolve(second),
      async close() {
        await Promise.all([log.close(), second.close()]);
        await pool.query("drop schema event_log cascade; drop table schema_migration");
      },
    };
  },
  async close() {
    await database?.drop();
  },
});
