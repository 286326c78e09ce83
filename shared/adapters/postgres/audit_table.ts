import type { AuditSink } from "../../ports/audit_sink.ts";
import type { MigrationPlan } from "./migrate.ts";
import type { Pool } from "./pool.ts";
import audit from "./audit/0001_audit.sql" with { type: "text" };

/** The table of the audit lines. */
export const AUDIT: MigrationPlan = { name: "audit", steps: [{ id: "0001_audit", sql: audit }] };

/** Keeps audit lines in the table `audit`; the role needs no more than INSERT. */
export function openAuditTable(pool: Pick<Pool, "query">): AuditSink {
  return {
    name: "table",
    async append(lines) {
      await pool.query({ name: "audit-insert", text: INSERT, values: [lines.map(({ text }) => text)] });
    },
    recent: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
}

// A line that comes again is there already. Without a conflict target, which would ask for the right to read.
// Materialized, or each column would parse the line anew.
const INSERT = `
with parsed as materialized (select line, line::jsonb as l from unnest($1::text[]) as line)
insert into audit (id, line, at, writer, seq, action, actor, target, record)
select (l ->> 'event.id')::uuid, line, (l ->> '@timestamp')::timestamptz, (l ->> 'kependudukan.chain.writer')::uuid,
       (l ->> 'kependudukan.chain.seq')::bigint, l ->> 'event.action', l ->> 'user.id', l ->> 'kependudukan.target',
       (l ->> 'kependudukan.record')::uuid
from parsed
on conflict do nothing`;
