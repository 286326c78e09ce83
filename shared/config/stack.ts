import { resolve } from "node:path";
import { ConfigError } from "./config.ts";
import type { Environment } from "./environment.ts";

/** Parses the variables of `deno task stack`; throws `ConfigError` with one sentence for each that is wrong. */
export function toStackConfig(environment: Environment, defaults: StackPorts): StackConfig {
  const problems: string[] = [];
  const users = new Map<number, string>();
  const ports = mapPorts(defaults, (server, purpose, preset) => {
    const variable = portVariable(defaults, server, purpose);
    const port = readPort(environment[variable] || String(preset));
    if (port === undefined) {
      problems.push(`${variable} must be a whole number from 1 to 65535`);
      return preset;
    }
    const other = users.get(port);
    if (other) problems.push(`${variable} and ${other} must not both be ${port}`);
    users.set(port, variable);
    return port;
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return { dir: resolve(environment["STACK_DIR"] || ".stack"), ports };
}

/** The variable that moves a port: `STACK_KEYCLOAK_PORT`, or with the purpose where a server has several. */
export function portVariable(ports: StackPorts, server: string, purpose: string): string {
  const only = Object.keys(ports[server] ?? {}).length === 1;
  const words = only ? ["stack", server, "port"] : ["stack", server, purpose, "port"];
  return words.join("_").replaceAll(/[^a-z0-9]+/gi, "_").toUpperCase();
}

function mapPorts(ports: StackPorts, change: (server: string, purpose: string, port: number) => number) {
  return Object.fromEntries(
    Object.entries(ports).map(([server, own]) => [
      server,
      Object.fromEntries(
        Object.entries(own).map(([purpose, port]) => [purpose, change(server, purpose, port)]),
      ),
    ]),
  );
}

function readPort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : undefined;
}

export interface StackConfig {
  /** Holds everything that the stack downloads and keeps. Absolute. */
  readonly dir: string;
  readonly ports: StackPorts;
}

/** Ports of each server by purpose. */
export type StackPorts = Readonly<Record<string, Readonly<Record<string, number>>>>;
