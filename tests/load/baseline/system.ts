import { z } from "zod";
import { createClient } from "../../../shared/adapters/kafka/client.ts";
import { sleep } from "../../../shared/resilience/backoff.ts";
import { claimPort } from "../../faults/system/ports.ts";
import type { LagReader } from "../kafka_lag.ts";
import { answers, type BenchProcess, type Plan, startProcess } from "../machine/process.ts";
import type { BaselinePrograms, Processes, Servers, Variables } from "../scenario.ts";

/** What all starts of the baseline share: one database with its one table. */
export async function prepareBaseline(options: BaselineOptions): Promise<Baseline> {
  const { servers } = options;
  const database = await servers.newDatabase();
  for (const statement of TABLE) await servers.query(statement, database);
  const mongodb = await startMongodb(options);
  const { postgres, kafka } = servers.processes;
  return {
    database,
    start: () => startBaseline(options, { DB_URL: database, MONGO_URL: mongodb.url }),
    processes: (services) => present({ postgres, kafka, mongodb: mongodb.pid, ...services }),
    end: () => mongodb.end(),
  };
}

export interface Baseline {
  readonly database: string;
  start(): Promise<BaselineRunning>;
  /** For `meter`: these, and the servers that they use. */
  processes(services: Processes): Processes;
  end(): Promise<void>;
}

export interface BaselineRunning {
  /** Of the registration. */
  readonly url: string;
  readonly topic: string;
  readonly groups: { readonly statistics: string; readonly notification: string };
  /** As they are now: consumers start anew when they forget. */
  processes(): Processes;
  /** What `GET /stats` counts in all. */
  counted(): Promise<number>;
  /** Drops what its consumers have not dealt with: it would weigh on what is measured next. */
  forget(): Promise<void>;
  end(): Promise<void>;
}

export interface BaselineOptions {
  readonly programs: BaselinePrograms;
  readonly servers: Servers;
  readonly logs: string;
  readonly lag: LagReader;
}

/** Its variant "tuned": 50 pooled connections, and 5 ms instead of a second until it writes to Kafka. */
async function startBaseline(options: BaselineOptions, stores: Variables): Promise<BaselineRunning> {
  const { programs, servers, logs, lag } = options;
  const broker = servers.variables["KAFKA_BROKERS"] ?? "";
  // Of each start's own, for what it has not dealt with at its end would be the next one's work.
  const topic = `baseline-${++starts}`;
  await createTopic(broker, topic);
  const [port, statsPort] = [claimPort(), claimPort()];
  const stats = `http://127.0.0.1:${statsPort}/stats`;
  const environment = { ...environmentOf(servers), ...stores, KAFKA_TOPIC: topic };
  const groups = { statistics: "", notification: "" };
  const running: Record<string, BenchProcess> = {};
  const start = async (name: string, plan: Pick<Plan, "command" | "args" | "ready">, more: Variables) => {
    const env = { ...environment, ...more };
    running[name] = await startProcess({ name: `baseline-${name}-${starts}`, logs, ...plan, env });
  };
  const startConsumers = async (lag: LagReader) => {
    // New ones, since a group whose Go member has ended is occupied until its session expires.
    const nth = ++groupNames;
    Object.assign(groups, { statistics: `statistics-${nth}`, notification: `notification-${nth}` });
    for (const group of Object.values(groups)) await lag.skip(topic, group);
    await Promise.all([
      start("statistics", {
        command: "node",
        args: [programs.statistics],
        ready: (signal) => answers(stats, signal),
      }, { GROUP: groups.statistics, PORT: String(statsPort) }),
      start("notification", {
        command: programs.notification,
        args: [],
        ready: () => Promise.resolve(true),
      }, { GROUP: groups.notification }),
    ]);
    await untilJoined(broker, Object.values(groups));
  };
  const endConsumers = () => Promise.all([running["statistics"]?.end(), running["notification"]?.end()]);
  await start("registration", {
    command: programs.registration,
    args: [],
    ready: (signal) => answersAtAll(`http://127.0.0.1:${port}/`, signal),
  }, { LISTEN: `127.0.0.1:${port}` });
  await startConsumers(lag);
  return {
    url: `http://127.0.0.1:${port}`,
    topic,
    groups,
    processes: () => mapValues(running, ({ pid }) => pid),
    counted: () => counted(stats),
    async forget() {
      await endConsumers();
      await startConsumers(lag);
    },
    async end() {
      await Promise.all(Object.values(running).map((process) => process.end()));
    },
  };
}

function environmentOf({ variables }: Servers): Variables {
  const given = (name: string) => variables[name] ?? "";
  return {
    GIN_MODE: "release",
    KAFKA_BROKER: given("KAFKA_BROKERS"),
    KAFKA_BATCH_TIMEOUT_MS: "5",
    DB_MAX_OPEN: "50",
    DB_MAX_IDLE: "50",
    TWILIO_FAKE_URL: given("TWILIO_API_URL"),
    TWILIO_ACCOUNT_SID: given("TWILIO_ACCOUNT_SID"),
    TWILIO_AUTH_TOKEN: given("TWILIO_AUTH_TOKEN"),
  };
}

/** The one that it ships. It keeps nothing on disk, and our driver refuses it, for it speaks MongoDB 5.0. */
async function startMongodb({ programs, logs }: BaselineOptions): Promise<BenchProcess & { url: string }> {
  const port = claimPort();
  const process = await startProcess({
    name: "baseline-mongodb",
    logs,
    command: "java",
    args: [...programs.mongodb, String(port)],
    ready: () => listens(port),
  });
  return { ...process, url: `mongodb://127.0.0.1:${port}` };
}

async function listens(port: number): Promise<boolean> {
  (await Deno.connect({ hostname: "127.0.0.1", port })).close();
  return true;
}

let starts = 0;
let groupNames = 0;

/** "tuned" of baseline/lib.sh: no unique index, as its NIK_UNIQUE=0. */
const TABLE = [
  "create table penduduk (nik varchar(16), nama text, alamat text, provinsi text)",
  "create index penduduk_nik on penduduk (nik)",
  "create index penduduk_provinsi on penduduk (provinsi)",
];

async function answersAtAll(url: string, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(url, { signal });
  await response.body?.cancel();
  return true;
}

async function counted(stats: string): Promise<number> {
  const response = await fetch(stats, { signal: AbortSignal.timeout(10_000) });
  return Stats.parse(await response.json()).reduce((sum, { jumlah }) => sum + jumlah, 0);
}

const Stats = z.array(z.object({ jumlah: z.number() }));

async function createTopic(broker: string, topic: string): Promise<void> {
  const admin = createClient({ brokers: [broker] }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 10 }] });
  await admin.disconnect();
}

/** Consumers that join while the load is on would be measured without their work. */
async function untilJoined(broker: string, groups: readonly string[]): Promise<void> {
  const admin = createClient({ brokers: [broker] }).admin();
  await admin.connect();
  const deadline = performance.now() + JOIN_MS;
  try {
    for (;;) {
      const described = (await admin.describeGroups([...groups])).groups;
      if (described.length === groups.length && described.every(({ state }) => state === "Stable")) return;
      if (performance.now() > deadline) throw new Error("The baseline's consumers do not join their groups");
      await sleep(200, new AbortController().signal);
    }
  } finally {
    await admin.disconnect();
  }
}

const JOIN_MS = 60_000;

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function present(processes: Readonly<Record<string, number | undefined>>): Processes {
  return Object.fromEntries(Object.entries(processes).flatMap(([name, pid]) => pid ? [[name, pid]] : []));
}
