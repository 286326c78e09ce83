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
 * `deno task migrate [PLAN…]`: brings the database of `DATABASE_URL` up to date, whose user must be the migrator or one
 * who may make the roles; the plans are by name ("registry", "audit"), or all that the configuration keeps there. To be
 * run before a new version starts; the parts only look whether it was.
 */
async function main(names: readonly string[]): Promise<void> {
  const config = toConfig(readEnvironment(), []);
  const url = config.DATABASE_URL;
  if (url === undefined) throw new ConfigError(["DATABASE_URL is not set: name the database to migrate"]);
  const plans = choose(plansOf(config), names);
  await checkDatabase(url);
  const pool = openPool(url, { max: 1, name: "migrate" });
  try {
    for (const plan of plans) {
      const applied = await migrate(pool, plan);
      print(`${plan.name}: ${applied.length > 0 ? `applied ${applied.join(", ")}` : "up to date"}`);
    }
  } finally {
    await pool.end();
  }
}

function choose(plans: readonly MigrationPlan[], names: readonly string[]): readonly MigrationPlan[] {
  const unknown = names.find((name) => !plans.some((plan) => plan.name === name));
  if (unknown !== undefined) {
    const known = plans.map(({ name }) => name).join(", ");
    throw new ConfigError([`Plan "${unknown}" is not kept in this database: name some of ${known}`]);
  }
  return names.length === 0 ? plans : plans.filter(({ name }) => names.includes(name));
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

if (import.meta.main) await main(Deno.args).catch(explainAndExit);
