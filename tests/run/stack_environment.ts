import { existsSync } from "node:fs";
import type { Stack } from "../../ops/stack/stack.ts";
import { status } from "../../ops/stack/status.ts";
import { ConfigError } from "../../shared/config/config.ts";
import type { Environment } from "../../shared/config/environment.ts";
import { stackVariables } from "../../shared/config/stack_file.ts";

/** The environment of tests on the real servers: what `deno task stack up` left, and before it what is set already. */
export async function stackEnvironment(
  environment: Environment,
  stack: Stack,
): Promise<Readonly<Record<string, string>>> {
  const variables = { ...await upVariables(environment, stack), ...environment };
  const set = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(set);
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
