import type { MigrationPlan } from "../../shared/adapters/postgres/migrate.ts";
import cancellation from "./migrations/0002_cancellation.sql" with { type: "text" };
import penduduk from "./migrations/0001_penduduk.sql" with { type: "text" };
import roles from "./migrations/0003_roles.sql" with { type: "text" };
import audit from "./migrations/0005_audit.sql" with { type: "text" };
import refuseCancelled from "./migrations/0006_refuse_cancelled.sql" with { type: "text" };
import parked from "./migrations/0007_parked.sql" with { type: "text" };
import counted from "./migrations/0008_counted.sql" with { type: "text" };
import outboxDepth from "./migrations/0010_outbox_depth.sql" with { type: "text" };
import registrar from "./migrations/0009_registrar.sql" with { type: "text" };
import keys from "./migrations/0004_keys.sql" with { type: "text" };

/** The registry's own tables: `penduduk`, `cancellation`, `outbox`, and which keys are in use. */
export const REGISTRY: MigrationPlan = {
  name: "registry",
  steps: [
    { id: "0001_penduduk", sql: penduduk },
    { id: "0002_cancellation", sql: cancellation },
    { id: "0003_roles", sql: roles },
    { id: "0004_keys", sql: keys },
    { id: "0005_audit", sql: audit },
    { id: "0006_refuse_cancelled", sql: refuseCancelled },
    { id: "0007_parked", sql: parked },
    { id: "0008_counted", sql: counted },
    { id: "0009_registrar", sql: registrar },
    { id: "0010_outbox_depth", sql: outboxDepth },
  ],
};
