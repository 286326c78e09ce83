import { AUDIT, openAuditTable } from "../../shared/adapters/postgres/audit_table.ts";
import { migrate } from "../../shared/adapters/postgres/migrate.ts";
import { openTestDatabase } from "../database.ts";
import { auditSinkContract } from "./audit_sink_contract.ts";

auditSinkContract("the table", async () => {
  const database = await openTestDatabase();
  await migrate(database.pool, AUDIT);
  return {
    sink: openAuditTable(database.as("audit_writer")),
    async texts() {
      const { rows } = await database.as("auditor").query<{ line: string }>(
        "select line from audit order by at, seq",
      );
      return rows.map(({ line }) => line);
    },
    close: () => database.drop(),
  };
});
