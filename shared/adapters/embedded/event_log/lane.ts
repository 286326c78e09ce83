import { getLogger } from "@logtape/logtape";
import type { PartitionBatch, StoredRecord } from "../../../ports/event_log.ts";
import { backoffMs, sleep } from "../../../resilience/backoff.ts";
import { Bell } from "../../../resilience/bell.ts";
import type { Session } from "../../postgres/session.ts";
import { GroupPartition, type Place } from "./group_partition.ts";

/** Works through a partition whose lock the session holds, batch after batch, until released or the session ends. */
export function startLane(session: Session, options: LaneOptions): Lane {
  const { client, signal } = session;
  const { place, paused, onBatch } = options;
  const source = new GroupPartition(client, place);
  const bell = new Bell();
  let released = false;

  async function run(): Promise<void> {
    let position = await source.committed();
    let records: readonly StoredRecord[] = [];
    let failures = 0;
    while (!released && !signal.aborted) {
      if (!paused() && records.length === 0) records = await source.read(position);
      const last = records.at(-1);
      if (paused() || !last) {
        await bell.wait(IDLE_MS, signal);
      } else if (await handled(records, failures)) {
        position = last.offset + 1;
        await source.commit(position);
        records = [];
        failures = 0;
      } else failures++;
    }
    await source.unlock();
  }

  async function handled(records: readonly StoredRecord[], failures: number): Promise<boolean> {
    try {
      await onBatch({ ...options.batch, partition: place.partition, records, signal, heartbeat });
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      // Without the message: a handler may quote the record in it.
      const name = error instanceof Error ? error.name : typeof error;
      log.warn("Handler of {group} failed on partition {partition}: {name}", { ...place, failures, name });
      await sleep(backoffMs(failures), signal);
      return false;
    }
  }

  async function heartbeat(): Promise<void> {
    signal.throwIfAborted();
    await client.query("select 1");
  }

  return {
    done: run(),
    wake: () => bell.ring(),
    released: () => released,
    release() {
      released = true;
      bell.ring();
    },
  };
}

export interface LaneOptions {
  readonly place: Place;
  /** What all batches of the topic have in common. */
  readonly batch: Pick<PartitionBatch, "topic" | "epoch">;
  readonly paused: () => boolean;
  readonly onBatch: (batch: PartitionBatch) => Promise<void>;
}

export interface Lane {
  /** Resolves when the lane has ended and given its lock back; rejects when the session is of no more use. */
  readonly done: Promise<void>;
  /** There may be something to read. */
  wake(): void;
  /** Ends after the batch under way. */
  release(): void;
  released(): boolean;
}

/** Lanes are woken by each publish and by the member's look around; this is the last resort. */
const IDLE_MS = 30_000;

const log = getLogger(["kependudukan", "event-log"]);
