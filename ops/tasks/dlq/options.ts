import { parseArgs } from "node:util";
import { type LetterId, parseLetterId } from "../../../shared/dead_letters/letter_id.ts";
import type { Wanted } from "../../../shared/dead_letters/wanted.ts";
import { type Group, GROUPS } from "../../../shared/ports/event_log.ts";

export const USAGE = `deno task dlq list [--code CODE] [--group GROUP] [--all]
    The open dead letters, or with --all those that were replayed or dropped too.
deno task dlq show ID
    One letter: where it comes from, why it failed, and what may be seen of it. Personal data is masked.
deno task dlq replay ID... | --all | [--code CODE] [--group GROUP]   [--dry-run]
    Gives open letters back to the group that failed; the other group passes them over. May be run again at any time:
    what was replayed is marked, and nothing is counted or sent twice. An SMS that was refused or parked is tried again.
deno task dlq drop ID...   [--dry-run]
    Marks letters as dealt with. They are kept for 90 days all the same.

--stack looks at the servers of \`deno task stack up\`; else the variables lead to the event log, or what
\`deno task dev\` runs on DATA_DIR. Exit codes: 0 done, 1 something failed, 2 wrong use, 130 interrupted.
`;

/** Reads the command line of `deno task dlq`; throws `WrongOption` with a sentence. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals: [name, ...ids] } = parse(args);
  const { code, stack = false, all = false } = values;
  const group = readGroup(values.group);
  const dryRun = values["dry-run"] ?? false;
  const narrowed = code !== undefined || group !== undefined;
  const refuse = (...refused: readonly [boolean, string][]) => {
    const [, option] = refused.find(([given]) => given) ?? [];
    if (option !== undefined) throw new WrongOption(`Command "${name}" takes no ${option}`);
  };
  if (values.help || name === undefined) return { stack, command: { name: "help" } };
  switch (name) {
    case "list":
      refuse([ids.length > 0, "ID"], [dryRun, "--dry-run"]);
      return { stack, command: { name, wanted: { code, group }, all } };
    case "show": {
      refuse([dryRun, "--dry-run"], [narrowed, "--code or --group"], [all, "--all"]);
      const [id, ...more] = ids.map(readId);
      if (id === undefined || more.length > 0) throw new WrongOption('Command "show" takes one ID');
      return { stack, command: { name, id } };
    }
    case "replay": {
      const ways = [ids.length > 0, all, narrowed].filter(Boolean).length;
      if (ways !== 1) {
        throw new WrongOption(
          'Command "replay" takes either IDs, or --all, or --code and --group: name what to replay',
        );
      }
      const wanted = ids.length > 0 ? { ids: new Set(ids.map(readId)) } : { code, group };
      return { stack, command: { name, wanted, dryRun } };
    }
    case "drop":
      refuse([narrowed, "--code or --group"], [all, "--all"]);
      if (ids.length === 0) throw new WrongOption('Command "drop" takes the IDs of the letters to drop');
      return { stack, command: { name, wanted: { ids: new Set(ids.map(readId)) }, dryRun } };
  }
  throw new WrongOption(`Command "${name}" is unknown: choose from list, show, replay, drop`);
}

export interface Options {
  /** Whether the servers of the stack are meant. */
  readonly stack: boolean;
  readonly command: Command;
}

export type Command =
  | { readonly name: "help" }
  | { readonly name: "list"; readonly wanted: Wanted; readonly all: boolean }
  | { readonly name: "show"; readonly id: LetterId }
  | { readonly name: "replay" | "drop"; readonly wanted: Wanted; readonly dryRun: boolean };

export class WrongOption extends Error {
  override readonly name = "WrongOption";
}

const OPTIONS = {
  all: { type: "boolean" },
  code: { type: "string" },
  group: { type: "string" },
  "dry-run": { type: "boolean" },
  stack: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch {
    throw new WrongOption("An option is unknown or lacks its value");
  }
}

function readId(text: string): LetterId {
  const id = parseLetterId(text);
  if (id === undefined) throw new WrongOption(`"${text}" is no ID: they look like 3-17, see "list"`);
  return id;
}

function readGroup(text: string | undefined): Group | undefined {
  if (text === undefined) return undefined;
  const group = GROUPS.find((group) => group === text || group === `${text}-group`);
  if (group === undefined) throw new WrongOption(`--group must be one of ${GROUPS.join(", ")}`);
  return group;
}
