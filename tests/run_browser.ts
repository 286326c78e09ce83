import { withPostgres } from "./run/postgres.ts";
import { runSuite } from "./run/suite.ts";

/**
 * `deno task test:browser [options of deno test] [files]`: the page in Chromium, against the system on embedded servers.
 * One file after the other, since what is measured is time.
 */
function main(args: readonly string[]): Promise<number> {
  return withPostgres((url) =>
    runSuite({
      args: [...args],
      folders: ["tests/browser"],
      env: { TEST_DATABASE_URL: url },
      output: ".artifacts/browser-test-output.log",
      deadlineMs: 10 * 60_000,
    })
  );
}

if (import.meta.main) Deno.exit(await main(Deno.args));
