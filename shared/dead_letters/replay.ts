import type { EventLog, EventRecord, Group, StoredRecord } from "../ports/event_log.ts";
import { type Failure, Fields, fieldsOf, type Letter, splitAt, toFailure, write } from "./letter.ts";
import { markLetters } from "./letters.ts";

/**
 * Gives letters back to the groups that failed: under their key to the topic that they came from, where the other groups
 * pass them over. A letter is marked after it was published. When the replay dies in between, or two run at once, it is
 * published twice, which does no harm: the groups know what they have counted and sent. Resolves to the number replayed.
 */
export async function replay(letters: AsyncIterable<Letter>, context: ReplayContext): Promise<number> {
  const { eventLog, signal, onProgress = () => {} } = context;
  let replayed = 0;
  for await (const some of inChunks(letters)) {
    signal.throwIfAborted();
    // Those under way are ended, so that what was published is marked.
    const deadline = AbortSignal.timeout(CHUNK_MS);
    await eventLog.publish("pendaftaran-events", some.map(toReplay), deadline);
    await markLetters(eventLog, some, "replayed", deadline);
    onProgress(replayed += some.length);
  }
  return replayed;
}

export interface ReplayContext {
  readonly eventLog: Pick<EventLog, "publish">;
  /** Ends the replay after the letters under way. */
  readonly signal: AbortSignal;
  /** Told how many were replayed so far. */
  readonly onProgress?: (replayed: number) => void;
}

/** A record that a person gave back to one group. */
export interface Replay {
  /** As it was before it failed. */
  readonly record: EventRecord;
  readonly failure: Failure;
}

/** Undefined for a record that comes from the outbox. */
export function readReplay(record: EventRecord): Replay | undefined {
  const block = splitAt(FIRST, record.headers);
  const fields = block && Fields.safeParse(block.fields).data;
  return fields && {
    record: { key: record.key, value: record.value, headers: block.before },
    failure: toFailure(fields),
  };
}

/** Those that the group must look at: a replay is for the group that failed, and for no other. */
export function recordsFor(group: Group, records: readonly StoredRecord[]): readonly StoredRecord[] {
  return records.filter(({ headers }) => {
    const block = splitAt(FIRST, headers);
    return block === undefined || block.fields[FIRST] === group;
  });
}

const FIRST = "dlq-replay-group";
const CHUNK = 100;
const CHUNK_MS = 60_000;

function toReplay({ id, record, failure }: Letter): EventRecord {
  const fields = { [FIRST]: failure.group, "dlq-replay-of": id, ...fieldsOf(failure) };
  return { ...record, headers: [...record.headers, ...write(fields)] };
}

async function* inChunks<T>(items: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  let chunk: T[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
