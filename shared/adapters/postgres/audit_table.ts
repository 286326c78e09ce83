import type { AuditSink, SealedLine } from "../../ports/audit_sink.ts";
import type { MigrationPlan } from "./migrate.ts";
import type { Pool } from "./pool.ts";
import audit from "./audit/0001_audit.sql" with { type: "text" };
import verification from "./audit/0003_verification.sql" with { type: "text" };
import lighter from "./audit/0002_lighter.sql" with { type: "text" };

/** The table of the audit lines. */
export const AUDIT: MigrationPlan = {
  name: "audit",
  steps: [
    { id: "0001_audit", sql: audit },
    { id: "0002_lighter", sql: lighter },
    { id: "0003_verification", sql: verification },
  ],
};

/** Keeps audit lines in the table `audit`; the role needs no more than INSERT. */
export function openAuditTable(pool: Pick<Pool, "query">): AuditSink {
  return {
    name: "table",
    async append(lines) {
      await pool.query({ name: "audit-insert", text: INSERT, values: insertValues(lines) });
    },
    recent: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
}

// A line that comes again is there already. Without a conflict target, which would ask for the right to read.
const INSERT = `
insert into audit (id, line, at, writer, seq, action, actor, target, record)
select * from unnest($1::uuid[], string_to_array($2, E'\\n'), $3::timestamptz[], $4::uuid[], $5::bigint[], $6::text[], $7::text[],
                     $8::text[], $9::uuid[])
on conflict do nothing`;

/** The columns are taken from the line here: PostgreSQL would parse each line for it, and `audit verify` does. */
function insertValues(lines: readonly SealedLine[]): unknown[] {
  return [
    lines.map(({ line }) => line["event.id"]),
    // Joined, since pg would escape every quote of every line in an array; a line holds no line end.
    lines.map(({ text }) => text).join("\n"),
    lines.map(({ line }) => line["@timestamp"]),
    lines.map(({ line }) => line["kependudukan.chain.writer"]),
    lines.map(({ line }) => line["kependudukan.chain.seq"]),
    lines.map(({ line }) => line["event.action"]),
    lines.map(({ line }) => line["user.id"] ?? null),
    lines.map(({ line }) => line["kependudukan.target"] ?? null),
    lines.map(({ line }) => line["kependudukan.record"] ?? null),
  ];
}
