import { join } from "node:path";
import { appointDemoOfficers } from "../../../ops/tasks/dev/demo_officers.ts";
import { type Part, PARTS, toConfig } from "../../../shared/config/config.ts";
import { GROUPS } from "../../../shared/ports/event_log.ts";
import { openPlatform, type Platform } from "../../../shared/runtime/platform.ts";
import { generateKeys } from "../../../shared/security/key_ring.ts";
import { openLag } from "../kafka_lag.ts";
import type { Processes, Running, Servers, Variables } from "../scenario.ts";
import type { BenchIdentity } from "./identity.ts";
import { startPart } from "./part.ts";

/**
 * What all starts of our system share: one database, one set of keys, one officer in charge of each province. The
 * parts run as deploy.yml has them: audit in table and output, encryption, introspection, the exact limit in Redis.
 */
export async function prepareOurs(options: OursOptions): Promise<Ours> {
  const { servers, identity, folder } = options;
  const keys = join(folder, "keys.json");
  await Deno.writeTextFile(keys, generateKeys(new Date()), { mode: 0o600 });
  const variables = {
    ...ofParts(servers.variables),
    DATABASE_URL: await servers.newDatabase(),
    KEYCLOAK_URL: identity.url,
    KEYS_FILE: keys,
    ...LIMITS,
  };
  const onlooker = openPlatform(toConfig(variables));
  await onlooker.eventLog(); // makes its topics
  await forgetEvents(servers.variables["KAFKA_BROKERS"] ?? "");
  await appointDemoOfficers(await onlooker.officers());
  const { postgres, kafka, redis } = servers.processes;
  return {
    variables,
    onlooker,
    start: () => startOurs(options, variables),
    processes: (parts) => present({ postgres, kafka, redis, identity: identity.pid, ...parts }),
    end: () => onlooker.close(),
  };
}

export interface Ours {
  readonly variables: Variables;
  /** Reads the stores. */
  readonly onlooker: Platform;
  start(): Promise<OursRunning>;
  /** For `meter`: these, and the servers that they use. */
  processes(parts: Processes): Processes;
  end(): Promise<void>;
}

export interface OursRunning {
  readonly edge: Running;
  /** By the names of the parts. */
  readonly processes: Processes;
  end(): Promise<void>;
}

export interface OursOptions {
  readonly servers: Servers;
  readonly identity: BenchIdentity;
  /** For keys and logs. */
  readonly folder: string;
}

/** What a scenario before this one has left would be counted with this one's. */
async function forgetEvents(brokers: string): Promise<void> {
  const lag = await openLag(brokers);
  try {
    for (const group of GROUPS) await lag.skip("pendaftaran-events", group);
  } finally {
    await lag.close();
  }
}

/** The origins first: the edge must know their addresses. */
async function startOurs({ folder }: OursOptions, variables: Variables): Promise<OursRunning> {
  await using started = new AsyncDisposableStack();
  const running = new Map<Part, Running>();
  const start = async (part: Part, more: Variables = {}) => {
    const sinks = part === "registration" ? "table,stdout" : "stdout";
    const process = await startPart(part, { ...variables, AUDIT_SINKS: sinks, ...more }, folder);
    started.defer(() => process.end());
    running.set(part, process);
    return process;
  };
  await Promise.all(PARTS.filter((part) => part !== "edge").map((part) => start(part)));
  const origins = ["auth", "registration", "statistics", "notification"] as const;
  const edge = await start(
    "edge",
    Object.fromEntries(origins.map((name) => [`${name.toUpperCase()}_URL`, running.get(name)?.url ?? ""])),
  );
  const all = started.move();
  return {
    edge,
    processes: Object.fromEntries([...running].map(([name, { pid }]) => [name, pid])),
    end: () => all.disposeAsync(),
  };
}

/**
 * Statistics and SMS ledger in PostgreSQL: what stands in for mongod here spends ten times the CPU of all our processes
 * on them, so that nothing else would be measured. (The others are for tests of the stack.)
 */
function ofParts(variables: Variables): Variables {
  const { KAFKA_HOME: _, KAFKA_SECURE_BROKERS: __, MONGODB_URI: ___, ...others } = variables;
  return others;
}

function present(processes: Readonly<Record<string, number | undefined>>): Processes {
  return Object.fromEntries(Object.entries(processes).flatMap(([name, pid]) => pid ? [[name, pid]] : []));
}

/** Counted exactly all the same; a hundred a minute would be reached within two seconds. */
const LIMITS = { RATE_LIMIT_PER_MINUTE: "100000", CONFLICT_LIMIT_PER_MINUTE: "100000" };
