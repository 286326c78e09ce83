import { join } from "node:path";
import { configuredStack } from "../ops/stack/servers.ts";
import { openStack } from "../ops/stack/stack.ts";
import { readEnvironment } from "../shared/config/environment.ts";
import { explainAndExit } from "../shared/runtime/explain.ts";
import { attackTable } from "./run/attacks.ts";
import { withPostgres } from "./run/postgres.ts";
import { stackEnvironment } from "./run/stack_environment.ts";
import { runSuite } from "./run/suite.ts";

/**
 * `deno task test:security [options of deno test] [files]`: the attacks of `tests/security`, on the embedded servers and
 * on those of `deno task stack up`. Each test is one attack that must be refused; the table counts them by class.
 */
async function main(args: readonly string[]): Promise<number> {
  const environment = readEnvironment();
  const stack = openStack({ ...configuredStack(environment), print() {} });
  // Fails when the stack is not up. Tests that attack its servers read the variables themselves: all others start
  // embedded ones, which must not take them over.
  await stackEnvironment(environment, stack);
  return await withPostgres((url) =>
    runSuite({
      args: ["--parallel", ...args],
      folders: ["tests/security"],
      env: { TEST_DATABASE_URL: url },
      output: ".artifacts/security-test-output.log",
      deadlineMs: 20 * 60_000,
      summary: attackTable,
      otherOutput: () => Array.from(Deno.readDirSync(stack.logs), ({ name }) => join(stack.logs, name)),
    })
  );
}

if (import.meta.main) Deno.exit(await main(Deno.args).catch(explainAndExit));
