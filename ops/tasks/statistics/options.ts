import { parseArgs } from "node:util";

export const USAGE = `deno task statistics rebuild
    Counts the registry anew and serves these counts in the place of the old ones, which serve until then. Nothing
    stops: what is registered meanwhile counts once. It may be interrupted and run again at any time.
deno task statistics reconcile [--wait SECONDS]
    Compares registry and statistics province by province. What is still on its way is waited for, 120 s unless told;
    where registrations never pause the difference is narrowed down instead.

--stack looks at the servers of \`deno task stack up\`; else the variables lead to them, or what \`deno task dev\` runs on
DATA_DIR. Exit codes: 0 done and no difference, 1 something differs or failed, 2 wrong use, 130 interrupted.
`;

/** Reads the command line of `deno task statistics`; throws `WrongOption` with a sentence. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals: [name, ...more] } = parse(args);
  const { stack = false, wait } = values;
  if (values.help || name === undefined) return { stack, command: { name: "help" } };
  if (more.length > 0) throw new WrongOption(`Command "${name}" takes no "${more.join(" ")}"`);
  switch (name) {
    case "rebuild":
      if (wait !== undefined) throw new WrongOption('Command "rebuild" takes no --wait');
      return { stack, command: { name } };
    case "reconcile":
      return { stack, command: { name, waitMs: readSeconds(wait ?? "120") } };
  }
  throw new WrongOption(`Command "${name}" is unknown: choose from rebuild, reconcile`);
}

export interface Options {
  /** Whether the servers of the stack are meant. */
  readonly stack: boolean;
  readonly command:
    | { readonly name: "help" | "rebuild" }
    | { readonly name: "reconcile"; readonly waitMs: number };
}

export class WrongOption extends Error {
  override readonly name = "WrongOption";
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch {
    throw new WrongOption("An option is unknown or lacks its value");
  }
}

function readSeconds(text: string): number {
  if (!/^[0-9]{1,5}$/.test(text)) throw new WrongOption(`--wait must be whole seconds, not "${text}"`);
  return Number(text) * 1_000;
}

const OPTIONS = {
  wait: { type: "string" },
  stack: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;
