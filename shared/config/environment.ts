import { SECRET_VARIABLES } from "./secrets.ts";
import { Variables } from "./variables.ts";

/** The process environment; nothing but this file reads it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** All of it, for the tools of developers. */
export function readEnvironment(): Environment {
  return Deno.env.toObject();
}

/** One variable of a tool's own. */
export function readVariable(name: string): string | undefined {
  return globalThis.process.env[name];
}

/**
 * The variables of the configuration, each asked for by its name: a process in production has permission for these
 * alone. Runs on Node and other runtimes as well, which is why it does not ask `Deno.env`.
 */
export function readVariables(): Environment {
  const { env } = globalThis.process;
  return Object.fromEntries(VARIABLE_NAMES.map((name) => [name, env[name]]));
}

export const VARIABLE_NAMES: readonly string[] = [
  ...Object.keys(Variables.shape),
  ...SECRET_VARIABLES.flatMap((name) => [name, `${name}_FILE`]),
];
