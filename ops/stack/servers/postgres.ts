import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
// @ts-types="@types/pg"
import pg from "pg";
import type { Place, StackServer } from "../server.ts";
import { StackError } from "../stack.ts";

/** PostgreSQL 18, the same binaries as the embedded one's, with data and a fixed port of its own. */
export const postgres: StackServer = {
  name: "postgres",
  tools: [],
  ports: { sql: 5432 },
  install: () => Promise.resolve(),
  processes: (place) => [{
    name: "postgres",
    command: Deno.execPath(),
    args: ["run", "--allow-all", PROGRAM, String(place.ports["sql"]), place.data],
    cwd: CHECKOUT,
  }],
  async ready(place) {
    const url = urlOf(place);
    return url !== undefined && await answers(url);
  },
  variables: (place) => {
    const url = urlOf(place);
    return url === undefined ? {} : { DATABASE_URL: url };
  },
};

/** The superuser's URL, once the server answers; rejects with `StackError` when it does not within two minutes. */
export async function untilPostgresServes(place: Pick<Place, "data" | "ports">): Promise<string> {
  const deadline = performance.now() + 120_000;
  while (performance.now() < deadline) {
    const url = urlOf(place);
    if (url !== undefined && await answers(url)) return url;
    await delay(250);
  }
  throw new StackError("The stack's PostgreSQL does not answer: look at `deno task stack logs postgres`");
}

/** Where the program leaves the URL, password and all, once the server takes connections. */
export function urlFile(data: string): string {
  return join(data, "url");
}

function urlOf({ data, ports }: Pick<Place, "data" | "ports">): string | undefined {
  const file = urlFile(data);
  if (!existsSync(file)) return undefined;
  const url = Deno.readTextFileSync(file);
  // The file may be of a run before, on another port.
  return URL.canParse(url) && new URL(url).port === String(ports["sql"]) ? url : undefined;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  // A server that is killed between two questions is told of by the next; without a listener it ends this process.
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    // Refused, starting up, or gone: the next question tells.
    return false;
  } finally {
    await client.end();
  }
}

const PROGRAM = join(import.meta.dirname ?? "", "postgres/main.ts");
/** Holds deno.json, which says where the program's imports come from. */
const CHECKOUT = join(import.meta.dirname ?? "", "../../..");
