// @ts-types="@types/pg"
import pg from "pg";
import { createHash } from "node:crypto";
import { getLogger } from "@logtape/logtape";
import { classify } from "./errors.ts";
import type { Pool } from "./pool.ts";
import { asLogin, PREPARE_ROLES, roleName } from "./roles.ts";

/**
 * Brings the database to the last of `steps`: in order, each once and in a transaction of its own, as the migrator. Any
 * number of processes may call it at once: one works, the others wait for it. Answers the ids of the steps applied now.
 *
 * Steps that only a newer program knows are left alone: each keeps the program before it working.
 *
 * For a user who may not become the migrator, as the parts in production, it only looks: it rejects with
 * `MigrationRefused` unless every step is applied.
 *
 * A few lines of our own rather than node-pg-migrate, which brings yargs, jiti and glob, reads its steps from files at
 * run time, and gives up instead of waiting when another process migrates.
 */
export async function migrate(pool: Pool, { name, steps }: MigrationPlan): Promise<readonly string[]> {
  // A connection of its own: a migration may take longer than any request, and closing it frees the lock.
  const client = new pg.Client({
    ...pool.options,
    ...(pool.options.connectionString && { connectionString: asLogin(pool.options.connectionString) }),
    application_name: `migrate ${name}`,
    statement_timeout: STEP_MS,
    query_timeout: STEP_MS + 10_000,
  });
  client.on(
    "error",
    (error) => log.warn("Lost the connection of migration {name}: {error}", { name, error: error.name }),
  );
  await client.connect();
  try {
    if (!await mayMigrate(client)) return await expectCurrent(client, name, steps);
    await client.query("select pg_advisory_lock(hashtextextended('schema_migration', 0))");
    await client.query(PREPARE_ROLES);
    await client.query(`set role ${roleName("migrator")}`);
    await client.query(TABLE);
    const pending = pendingSteps(name, steps, await appliedSteps(client, name));
    for (const step of pending) await apply(client, name, step);
    return pending.map((step) => step.id);
  } finally {
    await client.end();
  }
}

async function mayMigrate(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(
    `select rolsuper or coalesce(pg_has_role(to_regrole('${
      roleName("migrator")
    }'), 'member'), rolcreaterole) as may
    from pg_roles where rolname = current_user`,
  );
  return rows[0]?.may ?? false;
}

async function expectCurrent(
  client: pg.Client,
  name: string,
  steps: readonly Migration[],
): Promise<readonly string[]> {
  // A newer database is fine, as while a new version rolls out or is set back: steps add, and take nothing away from
  // the version before.
  const known = new Set(steps.map((step) => step.id));
  const applied = await appliedSteps(client, name).catch(unlessNone);
  const [missing] = pendingSteps(name, steps, applied.filter(({ id }) => known.has(id)));
  if (missing === undefined) return [];
  throw new MigrationRefused(
    `Database lacks step "${missing.id}" of "${name}", and this user may not migrate: run \`deno task migrate\` ` +
      `with the DATABASE_URL of a user in role "${roleName("migrator")}"`,
  );
}

/** A database that was never migrated has no table to ask. */
function unlessNone(error: unknown): readonly AppliedStep[] {
  if (classify(error).code === UNDEFINED_TABLE) return [];
  throw error;
}

async function appliedSteps(client: pg.Client, name: string): Promise<readonly AppliedStep[]> {
  const applied = await client.query<AppliedStep>(
    `select id, checksum from schema_migration where name = $1 order by id collate "C"`,
    [name],
  );
  return applied.rows;
}

function pendingSteps(
  name: string,
  steps: readonly Migration[],
  applied: readonly AppliedStep[],
): readonly Migration[] {
  const unordered = steps.find((step, i) => i > 0 && step.id <= (steps[i - 1]?.id ?? ""));
  if (unordered) {
    throw new MigrationRefused(`Steps of "${name}" are not in rising order at "${unordered.id}"`);
  }
  for (const [i, { id, checksum }] of applied.entries()) {
    const step = steps[i];
    // A newer program was here. Its steps keep this one working, so that a release can be set back.
    if (step === undefined) break;
    if (step.id !== id) {
      throw new MigrationRefused(
        step.id < id
          ? `Step "${step.id}" of "${name}" was added before the applied step "${id}"`
          : `Database has step "${id}" of "${name}", which this program does not know`,
      );
    }
    if (checksumOf(step) !== checksum) {
      throw new MigrationRefused(
        `Step "${id}" of "${name}" was changed after it had been applied: add a new step instead`,
      );
    }
  }
  return steps.slice(applied.length);
}

async function apply(client: pg.Client, name: string, step: Migration): Promise<void> {
  await client.query("begin");
  try {
    await client.query(step.sql);
    await client.query("insert into schema_migration (name, id, checksum) values ($1, $2, $3)", [
      name,
      step.id,
      checksumOf(step),
    ]);
    await client.query("commit");
  } catch (cause) {
    if (classify(cause).code === UNDEFINED_ROLE) {
      throw new MigrationRefused(
        `Step "${step.id}" of "${name}" grants rights to a role that is not there: make the roles that ` +
          "shared/adapters/postgres/roles.ts names, or migrate as a user who may make them",
        { cause },
      );
    }
    throw new Error(`Cannot apply step "${step.id}" of "${name}"`, { cause });
  }
  log.info("Applied step {id} of {name}", { id: step.id, name });
}

// A checkout on Windows turns line ends around; the step is still the same.
function checksumOf({ sql }: Migration): string {
  return createHash("sha256").update(sql.replaceAll("\r\n", "\n")).digest("hex");
}

export interface MigrationPlan {
  /** Names the series, for instance "registration": each has its own steps. */
  readonly name: string;
  readonly steps: readonly Migration[];
}

export interface Migration {
  /** Sorts the steps, for instance "0001_penduduk". */
  readonly id: string;
  /** Statements that can run in one transaction. Imported as text, so that no file is read at run time. */
  readonly sql: string;
}

/** The database and the steps contradict each other; nothing was changed. */
export class MigrationRefused extends Error {
  override readonly name = "MigrationRefused";
}

interface AppliedStep {
  readonly id: string;
  readonly checksum: string;
}

const STEP_MS = 10 * 60_000;

const UNDEFINED_TABLE = "42P01";
const UNDEFINED_ROLE = "42704";

const TABLE = `create table if not exists schema_migration (
  name text not null,
  id text not null,
  checksum text not null,
  applied_at timestamptz not null default now(),
  primary key (name, id)
);
do $$ begin
  if not has_table_privilege('public', 'schema_migration', 'select') then
    -- Names and checksums of steps: every role must see whether the database is current.
    grant select on schema_migration to public;
  end if;
end $$`;

const log = getLogger(["kependudukan", "migrate"]);
