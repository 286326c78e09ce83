import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { verifyAudit } from "../../ops/tasks/audit/verify.ts";
import { openAuditReader } from "../../shared/adapters/postgres/audit_reader.ts";
import { AUDIT, openAuditTable } from "../../shared/adapters/postgres/audit_table.ts";
import { migrate } from "../../shared/adapters/postgres/migrate.ts";
import { DATABASE_ROLES, type DatabaseRole } from "../../shared/adapters/postgres/roles.ts";
import type { AuditEntry } from "../../shared/ports/audit.ts";
import { sha256 } from "../../shared/security/audit/sha256.ts";
import { openAuditWriter } from "../../shared/security/audit/writer.ts";
import { REGISTRY } from "../../workers/registration/migrations.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { forgeAfter, putIn } from "./audit_forgery.ts";

const ENTRY: AuditEntry = { action: "stats.baca", outcome: "success", actor: { kind: "anonymous" } };

describe("Attacks on the audit by roles of the database", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase();
    await migrate(database.pool, REGISTRY);
    await migrate(database.pool, AUDIT);
  });
  after(() => database.drop());

  const may: Readonly<Partial<Record<DatabaseRole, readonly string[]>>> = {
    audit_writer: ["insert"],
    auditor: ["insert", "select"],
  };
  const attempts = {
    select: "select line from audit",
    insert:
      `insert into audit (id, line, at, writer, seq, action) values (gen_random_uuid(), '', now(), gen_random_uuid(), 0, 'x')`,
    update: "update audit set line = ''",
    delete: "delete from audit",
    truncate: "truncate audit",
  };
  for (const role of DATABASE_ROLES.filter((role) => role !== "migrator")) {
    for (const [what, sql] of Object.entries(attempts)) {
      if (may[role]?.includes(what)) continue;
      it(`${role}: to ${what} is refused`, async () => {
        await assert.rejects(database.as(role).query(sql), { code: "42501" });
      });
    }
  }
  for (const what of ["update", "delete", "truncate"] as const) {
    it(`to ${what} as the owner of the table is refused`, async () => {
      await assert.rejects(database.as("migrator").query(attempts[what]), /only ever added to/);
    });
  }

  it("a line put in ahead of a writer is found, beside the one that belongs there", async () => {
    const writer = await openAuditWriter({
      sinks: [openAuditTable(database.as("audit_writer"))],
      sha256,
      service: "relay",
    });
    const { rows: [start] } = await database.pool.query<{ line: string }>(
      "select line from audit order by id desc limit 1",
    );
    await putIn(database.as("audit_writer"), [forgeAfter(start?.line ?? "", { "user.id": "forged" })]);
    await writer.of("relay").record(ENTRY);
    await writer.close();
    const reader = openAuditReader(database.as("auditor"));
    const { findings } = await verifyAudit({
      reader,
      files: [],
      known: [],
      now: new Date(Date.now() + 60_000),
    });
    assert.ok(
      findings.some(({ what }) => /repeated or out of order/.test(what)),
      "two lines stand in one place",
    );
  });
});
