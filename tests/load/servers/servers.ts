import { join } from "node:path";
// @ts-types="@types/pg"
import pg from "pg";
import { kafka } from "../../../ops/stack/servers/kafka.ts";
import { messagesApi } from "../../../ops/stack/servers/messages_api.ts";
import { mongodb } from "../../../ops/stack/servers/mongodb.ts";
import { postgres } from "../../../ops/stack/servers/postgres.ts";
import { redis } from "../../../ops/stack/servers/redis.ts";
import type { StackServer } from "../../../ops/stack/server.ts";
import type { Servers } from "../scenario.ts";
import { type ServerOptions, startServer } from "./server.ts";

/** Starts the servers that all contenders share, with data and logs in `folder`. */
export async function startServers(folder: string): Promise<RunningServers> {
  const logs = join(folder, "logs");
  await Deno.mkdir(logs, { recursive: true });
  await using started = new AsyncDisposableStack();
  const start = async (server: StackServer, options: Partial<ServerOptions> = {}) => {
    const running = await startServer(server, { folder, logs, ...options });
    started.defer(() => running.process.end());
    return running;
  };
  const store = await start(mongodb, { changeArgs: withoutWaiting });
  const database = await start(postgres);
  const broker = await start(kafka, { changeArgs: withAllOfJava });
  const limits = await start(redis);
  const api = await start(messagesApi);
  const shared = [database, broker, store, limits, api];
  const variables = Object.assign({}, ...shared.map(({ variables }) => variables));
  const url = variables["DATABASE_URL"];
  const running = started.move();
  return {
    variables,
    processes: Object.fromEntries(shared.map(({ name, process }) => [name, process.pid])),
    newDatabase: () => newDatabase(url),
    query: (sql, database = url) => query(database, sql),
    logs,
    end: () => running.disposeAsync(),
  };
}

export interface RunningServers extends Servers {
  readonly logs: string;
  end(): Promise<void>;
}

/** The stack's broker is made for a small machine and a short life; one that compiles only a little is no yardstick. */
function withAllOfJava(args: readonly string[]): readonly string[] {
  const small = /^-(Xms|Xmx|XX:(\+UseSerialGC|TieredStopAtLevel|SharedArchiveFile|ArchiveClassesAtExit))/;
  return ["-Xmx700m", ...args.filter((arg) => !small.test(arg))];
}

/** As mongod by default, which acknowledges a write before it is on disk: the stand-in is slow enough as it is. */
function withoutWaiting(args: readonly string[]): readonly string[] {
  return args.filter((arg) => arg !== "--sync-on-commit");
}

let databases = 0;

async function newDatabase(url: string): Promise<string> {
  const made = new URL(url);
  made.pathname = `/bench_${++databases}`;
  await query(url, `create database bench_${databases}`);
  await query(made.href, "create extension pgcrypto");
  return made.href;
}

async function query(url: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
