import { parseArgs } from "node:util";
import { AUDIT_ACTIONS, type AuditAction } from "../../../shared/ports/audit.ts";

export const USAGE = `deno task audit verify [--file PATH]... [--anchor PATH]
    Looks for lines that were altered, removed, put in, moved or cut off, in the table of DATABASE_URL and in the
    files (all of DATA_DIR/audit unless named); compares the copies with each other, and with the ends of the chains
    that the anchor file holds from the last time, which it then writes anew. Keep that file where nobody who can
    change the audit can change it.
deno task audit search [--actor ID] [--action ACTION] [--since TIME] [--until TIME] [--limit N] [--json]
    Who did what, newest first. TIME is as 2026-11-22 or 2026-11-22T08:00:00+07:00.
deno task audit subject --nik-stdin [the same options]
    Who touched the data of the person whose NIK stands on standard input. Needs KEYS_FILE.
deno task audit tags --nik-stdin
    Under which tags the audit speaks of that person, today's first, for the searches of ops/elasticsearch.

Reads as database role kependudukan_auditor; each question is recorded before it is answered.
Exit codes: 0 done and nothing found, 1 the audit was tampered with or cannot be read, 2 wrong use.
`;

/** Reads the command line of `deno task audit`; throws `WrongOption` with a sentence. */
export function parseOptions(args: readonly string[]): Command {
  const { values, positionals: [name, ...rest] } = parse(args);
  if (values.help || name === undefined) return { name: "help" };
  if (rest.length > 0) throw new WrongOption("One argument is too many: a command takes options only");
  switch (name) {
    case "verify":
      return { name, files: values.file ?? [], anchor: values.anchor };
    case "search":
      return { name, ...query(values) };
    case "subject":
    case "tags":
      if (!values["nik-stdin"]) {
        throw new WrongOption(`Command "${name}" reads the NIK from standard input: add --nik-stdin`);
      }
      return name === "tags" ? { name } : { name, ...query(values) };
  }
  throw new WrongOption("The command must be one of verify, search, subject, tags");
}

export type Command =
  | { readonly name: "help" }
  | { readonly name: "tags" }
  | { readonly name: "verify"; readonly files: readonly string[]; readonly anchor: string | undefined }
  | ({ readonly name: "search" | "subject" } & Query);

export interface Query {
  readonly actor: string | undefined;
  readonly action: AuditAction | undefined;
  readonly since: Date | undefined;
  readonly until: Date | undefined;
  readonly limit: number;
  readonly json: boolean;
}

/** The sentence never repeats a value: it may be a NIK that does not belong on a command line. */
export class WrongOption extends Error {
  override readonly name = "WrongOption";
}

const OPTIONS = {
  file: { type: "string", multiple: true },
  anchor: { type: "string" },
  "nik-stdin": { type: "boolean" },
  actor: { type: "string" },
  action: { type: "string" },
  since: { type: "string" },
  until: { type: "string" },
  limit: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch {
    throw new WrongOption("An option is unknown or lacks its value");
  }
}

function query(values: ReturnType<typeof parse>["values"]): Query {
  const limit = Number(values.limit ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) {
    throw new WrongOption("--limit must be a whole number from 1 to 10000");
  }
  return {
    actor: values.actor,
    action: values.action === undefined ? undefined : readAction(values.action),
    since: readTime("since", values.since),
    until: readTime("until", values.until),
    limit,
    json: values.json ?? false,
  };
}

function readAction(text: string): AuditAction {
  if (isAction(text)) return text;
  throw new WrongOption(`--action must be one of ${Object.keys(AUDIT_ACTIONS).join(", ")}`);
}

function isAction(text: string): text is AuditAction {
  return Object.hasOwn(AUDIT_ACTIONS, text);
}

function readTime(option: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new WrongOption(`--${option} must be a time such as 2026-11-22`);
  return time;
}
