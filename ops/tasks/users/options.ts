import { parseArgs } from "node:util";
import type { PersonRole, Username } from "../../../shared/ports/user_directory.ts";
import {
  isWrong,
  readEmail,
  readNama,
  readRoles,
  readScope,
  readUsername,
  type Scope,
  scopeFault,
  type Wrong,
} from "./fields.ts";

/** Reads the command line of `deno task users`; the sentence of a wrong one names the option and what it takes. */
export function parseOptions(args: readonly string[]): Parsed {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: OPTIONS,
      strict: true,
      allowPositionals: true,
    });
    const [name = "", ...operands] = positionals;
    if (values.help || name === "") return { kind: "help" };
    const command = COMMANDS.find((command) => command === name);
    if (!command) throw new WrongOption(`Command "${name}" is unknown: choose from ${COMMANDS.join(", ")}`);
    const stray = Object.keys(values).find((option) => !ALLOWED[command].includes(option));
    if (stray !== undefined) throw new WrongOption(`Option "--${stray}" does not go with "${command}"`);
    const { dryRun, actor } = { dryRun: values["dry-run"] ?? false, actor: values.actor };
    return { kind: "command", command: READ[command](operands, values), dryRun, actor };
  } catch (error) {
    if (error instanceof WrongOption) return { kind: "wrong", sentence: error.message };
    if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
      return { kind: "wrong", sentence: error.message.split(". ")[0] ?? error.message };
    }
    throw error;
  }
}

const OPTIONS = {
  nama: { type: "string" },
  email: { type: "string" },
  roles: { type: "string" },
  provinsi: { type: "string" },
  "password-stdin": { type: "boolean" },
  "must-change": { type: "boolean" },
  json: { type: "boolean" },
  "skip-bad": { type: "boolean" },
  passwords: { type: "string" },
  "dry-run": { type: "boolean" },
  actor: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

const COMMANDS = ["create", "disable", "enable", "roles", "reset", "list", "import"] as const;
type CommandName = typeof COMMANDS[number];

const CHANGING = ["dry-run", "actor"];
const ALLOWED: Readonly<Record<CommandName, readonly string[]>> = {
  create: ["nama", "email", "roles", "provinsi", "password-stdin", "must-change", ...CHANGING],
  disable: CHANGING,
  enable: CHANGING,
  roles: ["provinsi", ...CHANGING],
  reset: ["password-stdin", "must-change", ...CHANGING],
  list: ["json", "actor"],
  import: ["skip-bad", "passwords", ...CHANGING],
};

const READ: Readonly<Record<CommandName, (operands: readonly string[], values: Values) => Command>> = {
  create(operands, values) {
    const username = theUser(operands);
    const roles = right("roles", readRoles(given("roles", values.roles)));
    const scope = right("provinsi", readScope(values.provinsi ?? ""));
    right("provinsi", scopeFault(roles, scope));
    const nama = right("nama", readNama(given("nama", values.nama)));
    const email = right("email", readEmail(values.email ?? ""));
    return { name: "create", username, nama, email, roles, scope, ...passwordOptions(values) };
  },
  disable: (operands) => ({ name: "disable", username: theUser(operands) }),
  enable: (operands) => ({ name: "enable", username: theUser(operands) }),
  roles([username, roles, ...more], values) {
    if (roles === undefined) throw new WrongOption('Command "roles" takes a user name and the roles');
    const scope = right("provinsi", readScope(values.provinsi ?? ""));
    return {
      name: "roles",
      username: theUser([username ?? "", ...more]),
      roles: right("roles", readRoles(roles)),
      scope,
    };
  },
  reset: (operands, values) => ({ name: "reset", username: theUser(operands), ...passwordOptions(values) }),
  list(operands, { json = false }) {
    if (operands.length > 0) throw new WrongOption('Command "list" takes no name');
    return { name: "list", json };
  },
  import([file, ...more], { "skip-bad": skipBad = false, passwords }) {
    if (file === undefined || more.length > 0) throw new WrongOption('Command "import" takes one file');
    return { name: "import", file, skipBad, passwords };
  },
};

function theUser([text, ...more]: readonly string[]): Username {
  if (text === undefined || more.length > 0) throw new WrongOption("Command takes one user name");
  return right("username", readUsername(text));
}

function passwordOptions(values: Values) {
  return { passwordFromStdin: values["password-stdin"] ?? false, mustChange: values["must-change"] ?? false };
}

function given(option: string, value: string | undefined): string {
  if (value === undefined) throw new WrongOption(`Option "--${option}" is missing`);
  return value;
}

function right<T>(field: string, value: T | Wrong): T {
  if (isWrong(value)) throw new WrongOption(`Field "${field}" ${value.wrong}`);
  return value;
}

class WrongOption extends Error {}

type Values = {
  readonly [K in keyof typeof OPTIONS]?: typeof OPTIONS[K]["type"] extends "boolean" ? boolean : string;
};

export type Parsed =
  | {
    readonly kind: "command";
    readonly command: Command;
    readonly dryRun: boolean;
    /** Who answers for it in the audit; the account of the operating system when left out. */
    readonly actor: string | undefined;
  }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly sentence: string };

export type Command =
  | CreateCommand
  | { readonly name: "disable" | "enable"; readonly username: Username }
  | RolesCommand
  | ResetCommand
  | { readonly name: "list"; readonly json: boolean }
  | ImportCommand;

export interface CreateCommand extends PasswordOptions {
  readonly name: "create";
  readonly username: Username;
  readonly nama: string;
  readonly email: string | undefined;
  readonly roles: ReadonlySet<PersonRole>;
  readonly scope: Scope | undefined;
}

export interface RolesCommand {
  readonly name: "roles";
  readonly username: Username;
  readonly roles: ReadonlySet<PersonRole>;
  readonly scope: Scope | undefined;
}

export interface ResetCommand extends PasswordOptions {
  readonly name: "reset";
  readonly username: Username;
}

export interface ImportCommand {
  readonly name: "import";
  readonly file: string;
  readonly skipBad: boolean;
  /** Where the passwords of new users are written. */
  readonly passwords: string | undefined;
}

interface PasswordOptions {
  /** Read the password from standard input instead of making one. */
  readonly passwordFromStdin: boolean;
  readonly mustChange: boolean;
}
