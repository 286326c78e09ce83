import { join } from "node:path";
import { runningPostgres } from "../../shared/adapters/embedded/postgres_server/running.ts";
import { toConfig } from "../../shared/config/config.ts";
import { type Environment, readEnvironment } from "../../shared/config/environment.ts";
import { stackVariables } from "../../shared/config/stack_file.ts";

/**
 * The variables of an operator's task: those that are set, behind them with `stack` those of `deno task stack up`, and
 * where none names a database, that of `deno task dev`.
 */
export async function taskEnvironment(stack: boolean): Promise<Environment> {
  const own = readEnvironment();
  const environment = stack ? { ...await stackVariables(own), ...own } : own;
  const { DATABASE_URL, DATA_DIR, APP_ENV } = toConfig(environment, []);
  if (DATABASE_URL !== undefined || APP_ENV === "production") return environment;
  const url = await runningPostgres(join(DATA_DIR, "postgres"));
  // The table is where `deno task audit search` looks.
  return url === undefined ? environment : { AUDIT_SINKS: "table", ...environment, DATABASE_URL: url };
}
