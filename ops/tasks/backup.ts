import { join } from "node:path";
import { stderr, stdout } from "node:process";
import { runningPostgres } from "../../shared/adapters/embedded/postgres_server/running.ts";
import { openPool } from "../../shared/adapters/postgres/pool.ts";
import { ConfigError, toConfig } from "../../shared/config/config.ts";
import { readEnvironment } from "../../shared/config/environment.ts";
import { explain } from "../../shared/runtime/explain.ts";
import { backUp } from "./backup/copy.ts";

/**
 * `deno task backup FOLDER`: a copy of the embedded PostgreSQL of a running `deno task dev`, without a pause; see
 * ops/backup.md. The encryption keys are not in it. Answers the exit code.
 */
async function main([folder, ...more]: readonly string[]): Promise<number> {
  try {
    if (folder === undefined || folder.startsWith("-") || more.length > 0) {
      throw new ConfigError(["Name one new folder to copy to: deno task backup FOLDER"]);
    }
    const { DATA_DIR } = toConfig(readEnvironment(), []);
    const from = join(DATA_DIR, "postgres");
    const url = await runningPostgres(from);
    if (url === undefined) throw new ConfigError([`No \`deno task dev\` runs on DATA_DIR "${DATA_DIR}"`]);
    const pool = openPool(url, { max: 1, name: "backup" });
    try {
      const files = await backUp({ pool, from, to: folder });
      stdout.write(
        `Copied ${files.toLocaleString("en")} files to "${folder}"; keep ${
          join(DATA_DIR, "keys.json")
        } apart\n`,
      );
    } finally {
      await pool.end();
    }
    return 0;
  } catch (error) {
    stderr.write(`Cannot back up: ${explain(error)}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
