import type {
  Consumer,
  EventLog,
  EventRecord,
  Group,
  LoggedRecord,
  PartitionBatch,
  PartitionLag,
  StoredRecord,
  Topic,
} from "../../shared/ports/event_log.ts";

/**
 * An event log in memory for tests of consumers and publishers: nothing runs by itself, `deliver` takes each step. All
 * records lie in one partition. What a true log promises is in tests/contract/, not here.
 */
export class FakeEventLog implements EventLog {
  /** While set, `publish` and `check` reject with it and nothing is written. */
  failure: Error | undefined;
  readonly epoch = crypto.randomUUID();
  readonly #records = new Map<Topic, StoredRecord[]>();
  readonly #members = new Map<string, Member>();
  readonly #committed = new Map<string, number>();

  publish(topic: Topic, records: readonly EventRecord[], signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.failure) return Promise.reject(this.failure);
    const log = this.#records.get(topic) ?? [];
    this.#records.set(topic, log);
    for (const record of records) log.push({ ...record, offset: log.length, timestamp: new Date() });
    return Promise.resolve();
  }

  /** All that was ever published to the topic. */
  records(topic: Topic): readonly StoredRecord[] {
    return [...this.#records.get(topic) ?? []];
  }

  consume(topic: Topic, group: Group, onBatch: (batch: PartitionBatch) => Promise<void>): Consumer {
    const member: Member = {
      onBatch,
      stop: new AbortController(),
      started: false,
      paused: false,
      running: [],
    };
    this.#members.set(memberOf(topic, group), member);
    return {
      start() {
        member.started = true;
        return Promise.resolve();
      },
      async stop() {
        member.stop.abort();
        await Promise.allSettled(member.running);
      },
      pause() {
        member.paused = true;
      },
      resume() {
        member.paused = false;
      },
    };
  }

  /**
   * Hands the group all that it has not committed, once, and commits when the handler resolves. Rejects with what the
   * handler threw; then the next call delivers the same again, as a log would. Answers how many records it handed over:
   * none while the consumer is paused, stopped or not started.
   */
  async deliver(topic: Topic, group: Group): Promise<number> {
    const name = memberOf(topic, group);
    const member = this.#members.get(name);
    const records = this.records(topic).slice(this.#committed.get(name) ?? 0);
    if (!member?.started || member.paused || member.stop.signal.aborted || records.length === 0) return 0;
    const { signal } = member.stop;
    const heartbeat = () => signal.aborted ? Promise.reject(signal.reason) : Promise.resolve();
    const running = member.onBatch({ topic, epoch: this.epoch, partition: 0, records, signal, heartbeat });
    member.running.push(running);
    await running;
    this.#committed.set(name, (this.#committed.get(name) ?? 0) + records.length);
    return records.length;
  }

  /** Makes the group read from the beginning again. */
  rewind(topic: Topic, group: Group): void {
    this.#committed.delete(memberOf(topic, group));
  }

  async *read(topic: Topic, signal: AbortSignal): AsyncGenerator<LoggedRecord> {
    for (const record of this.records(topic)) {
      await Promise.resolve(signal.throwIfAborted());
      yield { ...record, partition: 0 };
    }
  }

  lag(topic: Topic, group: Group): Promise<readonly PartitionLag[]> {
    const lag = this.records(topic).length - (this.#committed.get(memberOf(topic, group)) ?? 0);
    return Promise.resolve([{ partition: 0, lag }]);
  }

  check(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return this.failure ? Promise.reject(this.failure) : Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function memberOf(topic: Topic, group: Group): string {
  return `${group} ${topic}`;
}

interface Member {
  readonly onBatch: (batch: PartitionBatch) => Promise<void>;
  readonly stop: AbortController;
  readonly running: Promise<void>[];
  started: boolean;
  paused: boolean;
}
