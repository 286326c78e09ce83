import { openEmbeddedEventLog } from "../../shared/adapters/embedded/event_log/event_log.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import type { EventLogHarness } from "./event_log_contract.ts";

/** Event logs in a database of their own, empty each time. */
export function embeddedEventLogs(): EventLogHarness {
  let database: TestDatabase | undefined;
  return {
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
  };
}
