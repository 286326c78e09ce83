import process from "node:process";
import { openKafkaEventLog } from "../../../shared/adapters/kafka/event_log.ts";
import type { EventLog } from "../../../shared/ports/event_log.ts";
import { deleteAll } from "../../stack/stack_kafka.ts";
import { between } from "../machine/meter.ts";
import type { Round } from "../samples.ts";
import type { Context, Processes } from "../scenario.ts";

/** Runs `work`, which answers how many it did, and says how fast and at what cost: here and in the servers. */
export async function timed(
  { meter, servers }: Pick<Context, "meter" | "servers">,
  used: readonly string[],
  work: () => Promise<number>,
): Promise<Cost> {
  const watched = meter(pick(servers.processes, used));
  const [before, own, begun] = [await watched.cpuSeconds(), process.cpuUsage(), performance.now()];
  const count = await work();
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(own);
  const after = await watched.cpuSeconds();
  const cpuMs = (user + system) / 1_000 + 1_000 * between(before, after);
  return {
    perSecond: count / seconds,
    cpuMs: cpuMs / count,
    ...(used.includes("postgres") && { postgresCpuMs: 1_000 * between(before, after, ["postgres"]) / count }),
  };
}

export interface Cost extends Round {
  readonly perSecond: number;
  readonly cpuMs: number;
}

/** Lends an event log on the servers' Kafka with topics of its own, which are deleted afterwards. */
export async function withEventLog<T>(
  { servers }: Pick<Context, "servers">,
  work: (log: EventLog, names: LogNames) => Promise<T>,
): Promise<T> {
  const brokers = (servers.variables["KAFKA_BROKERS"] ?? "").split(",");
  const prefix = `bench-${crypto.randomUUID()}.`;
  const log = await openKafkaEventLog({ brokers, prefix });
  try {
    return await work(log, { brokers, prefix });
  } finally {
    await log.close();
    await deleteAll({ brokers, prefix });
  }
}

export interface LogNames {
  readonly brokers: readonly string[];
  /** Stands before the names of topics and groups. */
  readonly prefix: string;
}

function pick(processes: Processes, names: readonly string[]): Processes {
  return Object.fromEntries(names.flatMap((name) => {
    const pid = processes[name];
    return pid === undefined ? [] : [[name, pid]];
  }));
}
