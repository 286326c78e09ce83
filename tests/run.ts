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
      env: { TEST_DATABASE_URL: url, DENO_JOBS: String(JOBS) },
      output: ".artifacts/test-output.log",
      deadlineMs: 10 * 60_000,
    })
  );
}

/** One more than there are cores: some file always waits for a process that it started. */
const JOBS = navigator.hardwareConcurrency + 1;

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
