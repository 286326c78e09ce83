import { dirname } from "node:path";
import { PORTAL_FOLDER } from "../../shared/adapters/file/portal_folder.ts";
import { type Part, PARTS } from "../../shared/config/config.ts";
import { type Environment, readEnvironment } from "../../shared/config/environment.ts";
import { PART_VARIABLES } from "../../shared/config/part_variables.ts";
import { SECRET_VARIABLES } from "../../shared/config/secrets.ts";
import { Variables } from "../../shared/config/variables.ts";

/**
 * `deno run --no-prompt $(deno run … ops/tasks/rights.ts edge) edge/main.ts`: prints the rights of one part as options of
 * `deno run`. It may read its variables and the files that they name, and reach the servers that they name, port by port;
 * it may write its audit file where it has one, and not run, load or ask for anything. (The images have theirs in
 * ops/image/Containerfile.)
 */
function main([name]: readonly string[]): void {
  const part = PARTS.find((part) => part === name);
  if (part === undefined) throw new Error(`Name a part: one of ${PARTS.join(", ")}`);
  const rights = rightsOf(part, readEnvironment(), readIfThere);
  Deno.stdout.writeSync(new TextEncoder().encode(rights.join(" ")));
}

/** `read` is for secrets that are URLs and stand in files. */
export function rightsOf(
  part: Part,
  environment: Environment,
  read: (path: string) => string,
): readonly string[] {
  const names: string[] = PART_VARIABLES[part].flatMap((name) =>
    SECRET_VARIABLES.some((secret) => secret === name) ? [name, `${name}_FILE`] : [name]
  );
  const value = (name: string) => names.includes(name) ? environment[name] || defaultOf(name) : "";
  const audit = value("AUDIT_SINKS").includes("file") ? [value("AUDIT_FILE")] : [];
  const files = names.filter((name) => name !== "AUDIT_FILE" && name.endsWith("_FILE")).map(value);
  const port = environment["PORT"] || PORTS[part];
  const listens = [port, value("OPERATIONS_PORT")].filter(Boolean).map((port) => `${value("HOST")}:${port}`);
  const servers = names.filter((name) =>
    LEADS.test(name) && (name !== "TWILIO_API_URL" || value("TWILIO_ACCOUNT_SID"))
  )
    .flatMap((name) => addressesIn(value(name) || (value(`${name}_FILE`) && read(value(`${name}_FILE`)))));
  return [
    "--ignore-env",
    `--allow-env=${names.join(",")}`,
    `--allow-net=${[...listens, ...servers].join(",")}`,
    // With its folder: a file that is new there is durable when the folder was flushed.
    ...flag("--allow-read", [...files, ...audit.map(dirname), ...(part === "edge" ? [PORTAL_FOLDER] : [])]),
    ...flag("--allow-write", audit),
  ];
}

/** What cannot be read is left to the part itself to complain of. */
function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return "";
    throw error;
  }
}

function defaultOf(name: string): string {
  const found: unknown = Reflect.get(DEFAULTS, name);
  return found === undefined ? "" : String(found);
}

/** `host:port` of every server that a URL, one of MongoDB's with several hosts, or a list of brokers names. */
function addressesIn(text: string): readonly string[] {
  const [, scheme = "", hosts = ""] = /^(?:([a-z+]+):\/\/)?(?:[^/?]*@)?([^/?]*)/.exec(text.trim()) ?? [];
  const port = DEFAULT_PORTS[scheme];
  return hosts.split(",").map((host) => host.trim()).filter(Boolean)
    .map((host) => port === undefined || /:\d+$/.test(host) ? host : `${host}:${port}`);
}

function flag(name: string, values: readonly string[]): readonly string[] {
  const given = values.filter(Boolean);
  const unfit = given.find((value) => /[\s,]/.test(value));
  if (unfit !== undefined) throw new Error(`Give "${unfit}" a name without spaces and commas`);
  return given.length > 0 ? [`${name}=${given.join(",")}`] : [];
}

const DEFAULTS = Variables.parse({});
/** Those of the parts' `main.ts`. */
const PORTS: Readonly<Record<Part, string>> = {
  edge: "8000",
  auth: "8001",
  registration: "8002",
  statistics: "8003",
  notification: "8004",
  relay: "8005",
  probe: "8006",
};
const LEADS = /(_URL|_URI|_BROKERS)$/;
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  ...{ http: 80, https: 443, postgres: 5432, postgresql: 5432, redis: 6379, rediss: 6379, mongodb: 27017 },
};

if (import.meta.main) main(Deno.args);
