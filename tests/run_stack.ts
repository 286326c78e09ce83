import { join } from "node:path";
import { configuredStack } from "../ops/stack/servers.ts";
import { openStack } from "../ops/stack/stack.ts";
import { readEnvironment } from "../shared/config/environment.ts";
import { explainAndExit } from "../shared/runtime/explain.ts";
import { stackEnvironment } from "./run/stack_environment.ts";
import { runSuite } from "./run/suite.ts";

/**
 * `deno task test:stack [options of deno test] [files]`: the tests of `tests/stack` against the servers of
 * `deno task stack up`; a variable of the environment leads to another one. What the servers logged is searched for
 * personal data too.
 */
async function main(args: readonly string[]): Promise<number> {
  const environment = readEnvironment();
  const stack = openStack({ ...configuredStack(environment), print() {} });
  const variables = await stackEnvironment(environment, stack);
  return await runSuite({
    args,
    folders: ["tests/stack"],
    // Any database will do to create others from.
    env: { ...variables, TEST_DATABASE_URL: variables["DATABASE_URL"] ?? "" },
    output: ".artifacts/stack-test-output.log",
    deadlineMs: 20 * 60_000,
    otherOutput: () => Array.from(Deno.readDirSync(stack.logs), ({ name }) => join(stack.logs, name)),
  });
}

if (import.meta.main) Deno.exit(await main(Deno.args).catch(explainAndExit));
