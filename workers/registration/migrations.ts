import type { MigrationPlan } from "../../shared/adapters/postgres/migrate.ts";
import cancellation from "./migrations/0002_cancellation.sql" with { type: "text" };
import penduduk from "./migrations/0001_penduduk.sql" with { type: "text" };
import roles from "./migrations/0003_roles.sql" with { type: "text" };

/** The registry's own tables: `penduduk`, `cancellation` and `outbox`. */
export const REGISTRY: MigrationPlan = {
  name: "registry",
  steps: [
    { id: "0001_penduduk", sql: penduduk },
    { id: "0002_cancellation", sql: cancellation },
    { id: "0003_roles", sql: roles },
  ],
};
