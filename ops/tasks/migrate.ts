import { EVENT_LOG } from "../../shared/adapters/embedded/event_log/event_log.ts";
import { SMS_LEDGER } from "../../shared/adapters/embedded/sms/ledger.ts";
import { SMS_OUTBOX } from "../../shared/adapters/embedded/sms/local_outbox.ts";
import { OFFICERS } from "../../shared/adapters/embedded/sms/officers.ts";
import { STATISTICS } from "../../shared/adapters/embedded/statistics_store/statistics_store.ts";
import { AUDIT } from "../../shared/adapters/postgres/audit_table.ts";
import { migrate, type MigrationPlan } from "../../shared/adapters/postgres/migrate.ts";
import { openPool } from "../../shared/adapters/postgres/pool.ts";
import { checkDatabase } from "../../shared/adapters/postgres/start_check.ts";
import { type Config, ConfigError, toConfig } from "../../shared/config/config.ts";
import { readEnvironment } from "../../shared/config/environment.ts";
import { explainAndExit } from "../../shared/runtime/explain.ts";
import { REGISTRY } from "../../workers/registration/migrations.ts";

/**
 * `deno task migrate`: brings the database of `DATABASE_URL` up to date, whose user must be the migrator or one who may
 * make the roles. To be run before a new version starts; the parts only look whether it was.
 */
async function main(): Promise<void> {
  const config = toConfig(readEnvironment(), []);
  const url = config.DATABASE_URL;
  if (url === undefined) throw new ConfigError(["DATABASE_URL is not set: name the database to migrate"]);
  await checkDatabase(url);
  const pool = openPool(url, { max: 1, name: "migrate" });
  try {
    for (const plan of plansOf(config)) {
      const applied = await migrate(pool, plan);
      print(`${plan.name}: ${applied.length > 0 ? `applied ${applied.join(", ")}` : "up to date"}`);
    }
  } finally {
    await pool.end();
  }
}

/** The registry and its audit, and whatever else the configuration keeps in PostgreSQL. */
function plansOf({ kafka, MONGODB_URI, twilio }: Config): readonly MigrationPlan[] {
  return [
    REGISTRY,
    AUDIT,
    ...(kafka ? [] : [EVENT_LOG]),
    ...(MONGODB_URI === undefined ? [STATISTICS, SMS_LEDGER, OFFICERS] : []),
    ...(twilio ? [] : [SMS_OUTBOX]),
  ];
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) await main().catch(explainAndExit);
