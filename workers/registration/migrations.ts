import type { MigrationPlan } from "../../shared/adapters/postgres/migrate.ts";
import penduduk from "./migrations/0001_penduduk.sql" with { type: "text" };

/** The registry's own tables: `penduduk` and `outbox`. */
export const REGISTRY: MigrationPlan = {
  name: "registry",
  steps: [{ id: "0001_penduduk", sql: penduduk }],
};
