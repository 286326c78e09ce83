import { parseArgs } from "node:util";
import { type RingName, RINGS } from "../../../shared/security/key_ring.ts";
import { isRing } from "../../../shared/security/keys_document.ts";

export const USAGE = `Usage: deno task keys COMMAND

  list                        the keys of KEYS_FILE, never their bytes
  add [RING]                  a new key in the ring, or in each; nothing uses it yet
  activate RING ID            new data is written under it
  rotate [--ring RING]        what is stored is rewritten under the active key, while all runs
  retire RING ID              takes a key out that nothing uses any more
  status                      what is under which key, and how far rotations are

Rings: columns (registry, SMS, officers), events, blindIndex (finds a NIK), audit (tags persons in audit lines).

A new key takes two steps, because a process must know a key before another one writes under it: "add", wait until the
file is on every machine and was read (processes look every 5 s), then "activate". A file that cannot be used leaves the
processes on their old keys and shows in the metric keys_degraded. Then "rotate", and in the end "retire". "rotate" may
be killed anywhere and goes on where it was.

Options:
  --rate N          rotate: rows rewritten in a second at most
  --page N          rotate: rows in one statement (200)
  --now             activate: without the wait after "add"; for a key that is on every machine
  --retry-days N    retire blindIndex: for how many days a retry still gets its first answer (30)
`;

export type Command =
  | { readonly name: "help" }
  | { readonly name: "list" | "status" }
  | { readonly name: "add"; readonly rings: readonly RingName[] }
  | { readonly name: "activate"; readonly ring: RingName; readonly id: string; readonly now: boolean }
  | {
    readonly name: "rotate";
    readonly rings: readonly RingName[];
    readonly rate: number;
    readonly page: number;
  }
  | { readonly name: "retire"; readonly ring: RingName; readonly id: string; readonly retryDays: number };

/** Throws `WrongOption`. */
export function parseOptions(args: readonly string[]): Command {
  const { values, positionals: [name = "", ...rest] } = parse(args);
  if (values.help || name === "help") return { name: "help" };
  const most = { list: 0, status: 0, add: 1, activate: 2, rotate: 0, retire: 2 }[name];
  if (most === undefined) throw new WrongOption(`Command "${name}" is not known`);
  if (rest.length > most) throw new WrongOption(`Do not know what "${rest[most]}" means to "${name}"`);
  switch (name) {
    case "add":
      return { name, rings: rest[0] === undefined ? RINGS : [ringOf(rest[0])] };
    case "activate":
      return { name, ring: ringOf(rest[0]), id: idOf(rest[1]), now: values.now };
    case "rotate": {
      const rings = values.ring === undefined ? RINGS : [ringOf(values.ring)];
      return {
        name,
        rings,
        rate: number("rate", values.rate, Infinity),
        page: number("page", values.page, 200),
      };
    }
    case "retire":
      return {
        name,
        ring: ringOf(rest[0]),
        id: idOf(rest[1]),
        retryDays: number("retry-days", values["retry-days"], 30, 0),
      };
    default:
      return { name: name === "list" ? "list" : "status" };
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean", default: false },
        now: { type: "boolean", default: false },
        ring: { type: "string" },
        rate: { type: "string" },
        page: { type: "string" },
        "retry-days": { type: "string" },
      },
    });
  } catch (cause) {
    throw new WrongOption(cause instanceof Error ? cause.message : "Options cannot be read", { cause });
  }
}

function ringOf(text: string | undefined): RingName {
  if (text !== undefined && isRing(text)) return text;
  throw new WrongOption(`Ring "${text ?? ""}" is none of ${RINGS.join(", ")}`);
}

function idOf(text: string | undefined): string {
  if (text !== undefined) return text;
  throw new WrongOption("Name the id of the key; `list` shows them");
}

function number(name: string, text: string | undefined, otherwise: number, least = 1): number {
  if (text === undefined) return otherwise;
  if (/^\d{1,7}$/.test(text) && Number(text) >= least) return Number(text);
  throw new WrongOption(`Option "--${name}" must be a whole number from ${least}, not "${text}"`);
}

export class WrongOption extends Error {
  override readonly name = "WrongOption";
}
