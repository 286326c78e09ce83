import { withPostgres } from "./run/postgres.ts";
import { runSuite } from "./run/suite.ts";

/**
 * The test command: `deno run -A tests/run.ts [options of deno test] [files]`; without files, all of `FOLDERS`. Gives
 * the tests one PostgreSQL (TEST_DATABASE_URL).
 */
function main(args: readonly string[]): Promise<number> {
  return withPostgres((url) =>
    runSuite({
      args: ["--parallel", ...args],
      folders: FOLDERS,
      env: { TEST_DATABASE_URL: url },
      output: ".artifacts/test-output.log",
      deadlineMs: 10 * 60_000,
    })
  );
}

const FOLDERS = [
  "shared",
  "edge",
  "workers",
  "tests/run",
  "tests/e2e",
  "tests/contract",
  "tests/otlp",
  "tests/faults",
  "ops",
];

if (import.meta.main) Deno.exit(await main(Deno.args));
