import { getLogger } from "@logtape/logtape";
import type { Group, PartitionBatch, Topic } from "../../../ports/event_log.ts";
import { sleep } from "../../../resilience/backoff.ts";
import { listen, type Session } from "../../postgres/session.ts";
import { CHANNEL } from "./append.ts";
import { type Lane, startLane } from "./lane.ts";
import { findTopic } from "./topics.ts";

/**
 * Takes part in a group until the session ends. There is no protocol and no leader: a partition belongs to whoever
 * holds its advisory lock, a lock that all members share tells how many they are, and each keeps no more than its
 * even share. PostgreSQL frees the locks of a member that dies. All of a member's locks lie on one connection, so they
 * fall together; its lanes take turns on it for a few milliseconds each, and their handlers run side by side.
 */
export async function takePart(session: Session, options: MemberOptions): Promise<void> {
  const { client, signal } = session;
  const { group, paused, onBatch, drainMs } = options;
  const topic = await findTopic(client, options.topic);
  const lock = `event_log ${topic.name} ${group}`;
  const lanes = new Map<number, Lane>();
  await client.query(REGISTER, [topic.id, group]);
  await client.query("select pg_advisory_lock_shared(hashtext($1 || ' members'), 0)", [lock]);
  await listen(session, CHANNEL, (payload) => {
    for (const partition of written(payload, topic.name)) lanes.get(partition)?.wake();
  });

  async function lookAround(): Promise<void> {
    const { rows } = await client.query<Survey>(SURVEY, [topic.id, group, lock]);
    const [first] = rows;
    if (!first) throw new Error(`Topic "${topic.name}" was dropped`);
    for (const { partition, pending } of rows) if (pending) lanes.get(partition)?.wake();
    await balance(Math.ceil(rows.length / first.members), rows.map((row) => row.partition));
  }

  async function balance(share: number, partitions: readonly number[]): Promise<void> {
    const kept = [...lanes.values()].filter((lane) => !lane.released());
    for (const lane of kept.slice(share)) lane.release();
    if (kept.length >= share) return;
    const { rows } = await client.query<{ partition: number }>(
      "select partition from unnest($2::int[]) partition where pg_try_advisory_lock(hashtext($1), partition) limit $3",
      [lock, partitions.filter((partition) => !lanes.has(partition)), share - kept.length],
    );
    for (const { partition } of rows) open(partition);
  }

  function open(partition: number): void {
    const place = { topicId: topic.id, group, partition, lock };
    const batch = { topic: topic.name, epoch: topic.epoch };
    const lane = startLane(session, { place, batch, paused, onBatch });
    lanes.set(partition, lane);
    lane.done.then(() => lanes.delete(partition), session.fail);
  }

  try {
    while (!signal.aborted) {
      await lookAround();
      await sleep(LOOK_AROUND_MS, signal);
    }
  } catch (error) {
    session.fail(error);
  } finally {
    await drain([...lanes.values()], drainMs);
  }
}

/** Waits for the lanes to end. One that does not in time is left behind: without the session it cannot commit. */
async function drain(lanes: readonly Lane[], ms: number): Promise<void> {
  const drained = new AbortController();
  void Promise.allSettled(lanes.map((lane) => lane.done)).then(() => drained.abort());
  await sleep(ms, drained.signal);
  if (!drained.signal.aborted) log.warn("Left behind handlers that did not end in {ms} ms", { ms });
}

/** The partitions that a notification names when it is of the topic. */
function written(payload: string, topic: Topic): readonly number[] {
  const [name, partitions = ""] = payload.split(" ");
  return name === topic ? partitions.split(",").map(Number) : [];
}

export interface MemberOptions {
  readonly topic: Topic;
  readonly group: Group;
  readonly paused: () => boolean;
  readonly onBatch: (batch: PartitionBatch) => Promise<void>;
  /** Milliseconds that handlers have to end once their signal has aborted. */
  readonly drainMs: number;
}

interface Survey {
  readonly partition: number;
  readonly pending: boolean;
  readonly members: number;
}

const LOOK_AROUND_MS = 500;

const REGISTER = `insert into event_log.group_offset (topic_id, group_name, partition)
select topic_id, $2, partition from event_log.partition where topic_id = $1 on conflict do nothing`;

const SURVEY = `select partition, p.next_offset > o.next_offset as pending, (
  select count(*)::int from pg_locks
  where locktype = 'advisory' and granted and objsubid = 2 and objid = 0 and classid = hashtext($3 || ' members')::oid
    and database = (select oid from pg_database where datname = current_database())
) as members
from event_log.partition p join event_log.group_offset o using (topic_id, partition)
where topic_id = $1 and group_name = $2 order by partition`;

const log = getLogger(["kependudukan", "event-log"]);
