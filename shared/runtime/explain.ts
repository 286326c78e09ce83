import { DataDirLocked } from "../adapters/embedded/postgres_server/data_dir.ts";
import { MigrationRefused } from "../adapters/postgres/migrate.ts";
import { classify } from "../adapters/postgres/errors.ts";
import { ConfigError } from "../config/config.ts";
import { Unusable } from "../resilience/reach.ts";

/** Prints why the process cannot run as one sentence that says what to do, and exits with code 1. */
export function explainAndExit(error: unknown): never {
  Deno.stderr.writeSync(new TextEncoder().encode(`Cannot run: ${explain(error)}\n`));
  Deno.exit(1);
}

export function explain(error: unknown): string {
  const toldPlainly = [ConfigError, Unusable, MigrationRefused, DataDirLocked];
  if (error instanceof Error && toldPlainly.some((kind) => error instanceof kind)) return error.message;
  if (error instanceof Deno.errors.PermissionDenied) return error.message;
  const { kind, code } = classify(error);
  if (kind === "unavailable") return `the database of DATABASE_URL does not answer (${code})`;
  if (!(error instanceof Error)) return "unknown reason";
  return error.name === "Error" ? error.message : `${error.name}: ${error.message}`;
}
