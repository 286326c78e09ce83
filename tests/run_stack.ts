import { existsSync } from "node:fs";
import { join } from "node:path";
import { configuredStack } from "../ops/stack/servers.ts";
import { openStack, type Stack } from "../ops/stack/stack.ts";
import { status } from "../ops/stack/status.ts";
import { ConfigError } from "../shared/config/config.ts";
import { type Environment, readEnvironment } from "../shared/config/environment.ts";
import { stackVariables } from "../shared/config/stack_file.ts";
import { explainAndExit } from "../shared/runtime/explain.ts";
import { runSuite } from "./run/suite.ts";

/**
 * `deno task test:stack [options of deno test] [files]`: the tests of `tests/stack` against the servers of
 * `deno task stack up`; a variable of the environment leads to another one. What the servers logged is searched for
 * personal data too.
 */
async function main(args: readonly string[]): Promise<number> {
  const environment = readEnvironment();
  const stack = openStack({ ...configuredStack(environment), print() {} });
  const variables = { ...await upVariables(environment, stack), ...environment };
  const set = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return await runSuite({
    args,
    folders: ["tests/stack"],
    // Any database will do to create others from.
    env: { ...Object.fromEntries(set), TEST_DATABASE_URL: variables["DATABASE_URL"] ?? "" },
    output: ".artifacts/stack-test-output.log",
    deadlineMs: 20 * 60_000,
    otherOutput: () => Array.from(Deno.readDirSync(stack.logs), ({ name }) => join(stack.logs, name)),
  });
}

/** What `up` left; nothing when there is no stack because the environment names the servers. */
async function upVariables(environment: Environment, stack: Stack): Promise<Environment> {
  if (!existsSync(stack.variables) && SERVERS.some((name) => environment[name])) return {};
  const variables = await stackVariables(environment);
  const away = (await status(stack)).filter(({ state }) => state !== "ready");
  if (away.length === 0) return variables;
  const names = away.map(({ process, state }) => `${process} is ${state}`).join(", ");
  throw new ConfigError([`the stack is not all up (${names}): run \`deno task stack up\` first`]);
}

const SERVERS = [
  "DATABASE_URL",
  "KAFKA_BROKERS",
  "MONGODB_URI",
  "REDIS_URL",
  "UPSTASH_REDIS_REST_URL",
  "KEYCLOAK_URL",
  "TWILIO_API_URL",
];

if (import.meta.main) Deno.exit(await main(Deno.args).catch(explainAndExit));
