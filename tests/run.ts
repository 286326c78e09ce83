import { join } from "node:path";
import { startPostgres } from "../shared/adapters/embedded/postgres_server.ts";
import { runSuite } from "./run/suite.ts";

/**
 * The test command: `deno run -A tests/run.ts [options of deno test] [files]`; without files, all of `FOLDERS`. Gives
 * the tests one PostgreSQL (TEST_DATABASE_URL).
 */
async function main(args: readonly string[]): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "kependudukan-test-" });
  try {
    const postgres = await startPostgres({ dataDir: join(folder, "postgres"), settings: FAST });
    try {
      return await runSuite({
        args: ["--parallel", ...args],
        folders: FOLDERS,
        env: { TEST_DATABASE_URL: postgres.adminUrl },
        output: ".artifacts/test-output.log",
        deadlineMs: 10 * 60_000,
      });
    } finally {
      await postgres.stop();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const FOLDERS = ["shared", "edge", "workers", "tests/run", "tests/e2e", "tests/contract", "ops"];

// A crash of the machine may cost the tests their data.
const FAST = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "300" };

if (import.meta.main) Deno.exit(await main(Deno.args));
