import { join } from "node:path";
import { ConfigError } from "./config.ts";
import type { Environment } from "./environment.ts";

/** The variables that lead to the servers of `deno task stack up`. */
export async function stackVariables(environment: Environment): Promise<Environment> {
  const file = join(environment["STACK_DIR"] ?? ".stack", "env");
  try {
    const lines = (await Deno.readTextFile(file)).matchAll(/^export (\w+)='(.*)'$/gm);
    return Object.fromEntries(Array.from(lines, ([, name = "", value]) => [name, value]));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new ConfigError([`no stack is up: run \`deno task stack up\` first (there is no "${file}")`]);
  }
}
