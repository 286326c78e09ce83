import { getLogger } from "@logtape/logtape";
import { TOPICS } from "../../../ports/event_log.ts";
import type { Consumer, EventLog, PartitionLag, Topic } from "../../../ports/event_log.ts";
import { sleep } from "../../../resilience/backoff.ts";
import { untilAborted } from "../../../resilience/until_aborted.ts";
import { classify } from "../../postgres/errors.ts";
import { migrate, type MigrationPlan } from "../../postgres/migrate.ts";
import { check, openPool, type Pool } from "../../postgres/pool.ts";
import { append } from "./append.ts";
import { createConsumer } from "./consumer.ts";
import sql0001 from "./migrations/0001_event_log.sql" with { type: "text" };
import roles from "./migrations/0002_roles.sql" with { type: "text" };
import { readTopic } from "./read_topic.ts";
import { deleteExpired, type Expiry } from "./retention.ts";
import { ensureTopics, findTopic, type TopicRow } from "./topics.ts";
import type { Secret } from "../../../security/secret.ts";
import { traceProcessing, traceSending } from "../../../telemetry/messaging.ts";

/**
 * The event log in tables of PostgreSQL (15 or later), which it makes where they are missing. Takes at most four
 * connections, and one more for each started consumer.
 */
export async function openEmbeddedEventLog(options: EmbeddedEventLogOptions): Promise<EventLog> {
  const { url, partitions = 10, now = () => new Date() } = options;
  const { retentionDays = 30, deadLetterRetentionDays = 90, drainMs = 5_000, idleMs = 30_000 } = options;
  const pool = openPool(url, { max: 4, name: "event-log" });
  const topics = await prepare(pool, partitions);
  const closed = new AbortController();
  const daysAgo = (days: number) => new Date(now().getTime() - days * DAY_MS);
  const expiry = () => ({ events: daysAgo(retentionDays), deadLetters: daysAgo(deadLetterRetentionDays) });
  const retention = keepRetention(pool, expiry, closed.signal);
  const consumers: Consumer[] = [];
  return {
    async publish(topic, records, signal) {
      signal.throwIfAborted();
      return await traceSending(
        "postgresql",
        topic,
        records,
        (traced) => untilAborted(append(pool, topics[topic], traced, now()), signal),
      );
    },
    consume(topic, group, onBatch) {
      const traced = traceProcessing("postgresql", group, onBatch);
      const consumer = createConsumer({ url, topic, group, onBatch: traced, drainMs, idleMs });
      consumers.push(consumer);
      return consumer;
    },
    async lag(topic, group) {
      const { rows } = await pool.query<PartitionLag>(LAG, [topics[topic].id, group]);
      return rows;
    },
    read: (topic, signal) => readTopic(pool, topics[topic], signal),
    check: (signal) => check(pool, signal),
    async close() {
      closed.abort();
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      await retention;
      await pool.end();
    },
  };
}

async function prepare(pool: Pool, partitions: number): Promise<Record<Topic, TopicRow>> {
  try {
    await migrate(pool, EVENT_LOG);
    await ensureTopics(pool, TOPICS, partitions);
    return {
      "pendaftaran-events": await findTopic(pool, "pendaftaran-events"),
      "pendaftaran-events.dlq": await findTopic(pool, "pendaftaran-events.dlq"),
    };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** Looks for expired records once an hour; any number of processes may do so at once. */
async function keepRetention(pool: Pool, expiry: () => Expiry, closed: AbortSignal): Promise<void> {
  while (!closed.aborted) {
    try {
      const deleted = await deleteExpired(pool, expiry(), closed);
      if (deleted > 0) log.info("Deleted {deleted} expired records", { deleted });
    } catch (error) {
      log.warn("Cannot delete expired records: {code}", { code: classify(error).code });
    }
    await sleep(HOUR_MS, closed);
  }
}

export interface EmbeddedEventLogOptions {
  readonly url: Secret | string;
  /** Of topics that are made now; one that is there keeps its number. 10 unless told. */
  readonly partitions?: number;
  /** Records older than this that every group has committed are deleted; 30 unless told. */
  readonly retentionDays?: number;
  /** Dead letters older than this are deleted, whether anybody looked at them or not; 90 unless told. */
  readonly deadLetterRetentionDays?: number;
  readonly now?: () => Date;
  /** Milliseconds that running handlers get to end once a consumer stops or loses its connection; 5,000 unless told. */
  readonly drainMs?: number;
  /** Milliseconds after which a silent member, frozen or cut off, loses its partitions; 30,000 unless told. */
  readonly idleMs?: number;
}

export const EVENT_LOG: MigrationPlan = {
  name: "event_log",
  steps: [{ id: "0001_event_log", sql: sql0001 }, { id: "0002_roles", sql: roles }],
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const LAG = `select p.partition, (p.next_offset - coalesce(o.next_offset, 0))::int as lag
from event_log.partition p left join event_log.group_offset o
  on o.topic_id = p.topic_id and o.partition = p.partition and o.group_name = $2
where p.topic_id = $1 order by p.partition`;

const log = getLogger(["kependudukan", "event-log"]);
