import { parseArgs } from "node:util";

export const USAGE = `Brings this commit to the fleet (Kubernetes) and the edge (Deno Deploy).

  deno task deploy [--target edge|fleet|all]   what to deploy, default: all
                   [--dry-run]                 check and show the plan, change nothing
                   [--image TAG]               of the images in deploy.yml, default: the commit
                   [--context NAME]            of kubectl, default: the current one
                   [--yes]                     do not ask; only with --context
                   [--url URL]                 public URL of the fleet, default: the host of its Ingress
                   [--timeout MINUTES]         for one roll-out, default: 15

The smoke test registers a synthetic person and takes it back when SMOKE_USERNAME and SMOKE_PASSWORD are set: a user of
its own with the role admin and no other, so that the audit tells its requests from those of people.
`;

/** Reads the command line; the sentence of a wrong one names the option and what it takes. */
export function parseOptions(args: readonly string[]): Parsed {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: OPTIONS,
      strict: true,
      allowPositionals: false,
    });
    if (values.help) return { kind: "help" };
    const options: Options = {
      target: target(values.target),
      dryRun: values["dry-run"],
      image: values.image === undefined ? undefined : tag(values.image),
      context: values.context,
      yes: values.yes,
      url: values.url === undefined ? undefined : origin(values.url),
      timeoutMs: minutes(values.timeout) * 60_000,
    };
    if (options.yes && options.context === undefined && options.target !== "edge") {
      throw new WrongOption('Option "--yes" needs "--context NAME", so that no other cluster is meant');
    }
    return { kind: "options", options };
  } catch (error) {
    if (error instanceof WrongOption) return { kind: "wrong", sentence: error.message };
    if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
      return { kind: "wrong", sentence: error.message.split(". ")[0] ?? error.message };
    }
    throw error;
  }
}

const OPTIONS = {
  target: { type: "string", default: "all" },
  "dry-run": { type: "boolean", default: false },
  image: { type: "string" },
  context: { type: "string" },
  yes: { type: "boolean", default: false },
  url: { type: "string" },
  timeout: { type: "string", default: "15" },
  help: { type: "boolean", default: false, short: "h" },
} as const;

function target(text: string): Target {
  if (text === "edge" || text === "fleet" || text === "all") return text;
  throw new WrongOption(`Option "--target" takes edge, fleet or all, not "${text}"`);
}

/** A tag of the OCI distribution specification. One that moves is refused: the way back would lead to the same image. */
function tag(text: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(text) && text !== "latest") return text;
  throw new WrongOption(`Option "--image" takes the tag of one built image, not "${text}"`);
}

function origin(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text.replace(/\/+$/, "");
  throw new WrongOption(`Option "--url" takes a URL that begins with http:// or https://, not "${text}"`);
}

function minutes(text: string): number {
  const value = /^\d{1,3}$/.test(text) ? Number(text) : NaN;
  if (value >= 1 && value <= 120) return value;
  throw new WrongOption(`Option "--timeout" takes a whole number of minutes from 1 to 120, not "${text}"`);
}

class WrongOption extends Error {}

export type Parsed =
  | { readonly kind: "options"; readonly options: Options }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly sentence: string };

export type Target = "edge" | "fleet" | "all";

export interface Options {
  readonly target: Target;
  readonly dryRun: boolean;
  /** `undefined`: the tag of the commit. */
  readonly image: string | undefined;
  /** `undefined`: kubectl's current context. */
  readonly context: string | undefined;
  readonly yes: boolean;
  readonly url: string | undefined;
  readonly timeoutMs: number;
}
