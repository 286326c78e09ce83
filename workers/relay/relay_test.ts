import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import { migrate } from "../../shared/adapters/postgres/migrate.ts";
import { type EventLog, type EventRecord, RecordsRefused, type Topic } from "../../shared/ports/event_log.ts";
import { Bell } from "../../shared/resilience/bell.ts";
import { openTestDatabase, type TestDatabase } from "../../tests/database.ts";
import { REGISTRY } from "../registration/migrations.ts";
import { outboxDepth, parkedInOutbox, unparkInOutbox } from "./outbox.ts";
import { createRelay, type Relay, type RelayOptions } from "./relay.ts";

describe("The relay", () => {
  let database: TestDatabase;
  let relays: Relay[];

  before(async () => {
    database = await openTestDatabase();
    await migrate(database.pool, REGISTRY);
  });
  after(async () => await database.drop());
  beforeEach(async () => {
    relays = [];
    await database.pool.query("delete from outbox");
  });
  afterEach(async () => {
    await Promise.all(relays.map((relay) => relay.stop()));
  });

  function relay(eventLog: RelayOptions["eventLog"], options: Partial<RelayOptions> = {}): Relay {
    const relay = createRelay({ url: database.urlAs("relay"), eventLog, ...options });
    relays.push(relay);
    return relay;
  }

  function started(eventLog: RelayOptions["eventLog"], options: Partial<RelayOptions> = {}): Relay {
    const made = relay(eventLog, options);
    made.start();
    return made;
  }

  async function insert(rows: readonly Row[], { notify = true } = {}): Promise<void> {
    await database.pool.query(INSERT, [
      rows.map((row) => row.aggregate),
      rows.map((row) => row.payload),
    ]);
    if (notify) await database.pool.query("select pg_notify('outbox', '')");
  }

  /** Asks until the outbox is empty; each question is a round trip. */
  async function untilEmpty(): Promise<void> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    while ((await outboxDepth(database.as("relay"))).rows > 0) deadline.throwIfAborted();
  }

  /** Asks until the leader has seen an empty outbox and waits. */
  async function untilIdle(): Promise<void> {
    await untilEmpty();
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    const idle =
      `select from pg_stat_activity where datname = current_database() and application_name = 'relay'
      and state = 'idle' and query like 'select seq%'`;
    while ((await database.pool.query(idle)).rowCount === 0) deadline.throwIfAborted();
  }

  async function killLeader(): Promise<void> {
    const { rowCount } = await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity join pg_locks using (pid)
      where datname = current_database() and application_name = 'relay' and locktype = 'advisory' and granted`,
    );
    assert.equal(rowCount, 1);
  }

  it("publishes the oldest rows first to pendaftaran-events and deletes them", async () => {
    const log = new Log();
    await insert(numbered(2_500));
    assert.equal(await relay(log).processAll(), 2_500);
    assert.deepEqual(log.values, numbered(2_500).map((row) => row.payload));
    assert.deepEqual(new Set(log.topics), new Set(["pendaftaran-events"]));
    assert.equal((await outboxDepth(database.as("relay"))).rows, 0);
  });

  it("wakes for rows that are announced, and finds those that are not", async () => {
    const log = new Log();
    started(log);
    for (const notify of [true, false, true]) {
      await untilIdle();
      const before = log.records.length;
      await insert(numbered(3), { notify });
      await log.count(before + 3);
      await untilEmpty();
    }
  });

  it("loses nothing when transactions commit in the reverse order of their numbers", async () => {
    const log = new Log();
    started(log);
    const slow = await database.pool.connect();
    await slow.query("begin");
    await slow.query(INSERT, [["slow"], ["slow"]]);
    await insert([{ aggregate: "fast", payload: "fast" }]);
    await log.count(1);
    await untilEmpty();
    await slow.query("commit");
    slow.release();
    await log.count(2);
    await untilEmpty();
    assert.deepEqual(log.values, ["fast", "slow"]);
  });

  it("keeps the order of one aggregate while rows come in", async () => {
    const log = new Log();
    started(log);
    for (let i = 0; i < 50; i++) await insert([{ aggregate: "one", payload: String(i) }]);
    await log.count(50);
    assert.deepEqual(log.values, Array.from({ length: 50 }, (_, i) => String(i)));
  });

  it("works alone among several, until it stops and another takes over", async () => {
    const [first, second] = [new Log(), new Log()];
    const leader = started(first);
    await insert(numbered(1));
    await first.count(1);
    started(second);
    for (let i = 0; i < 20; i++) await insert(numbered(5));
    await first.count(101);
    assert.equal(second.records.length, 0);
    await leader.stop();
    await insert(numbered(5));
    await second.count(5);
    assert.equal(first.records.length, 101);
  });

  it("gives a batch up when its connection dies, and another relay goes on with it", async () => {
    const begun = Promise.withResolvers<AbortSignal>();
    const leader = started({
      publish(_topic, _records, signal) {
        begun.resolve(signal);
        return rejectWhenAborted(signal);
      },
    });
    await insert(numbered(5));
    const signal = await begun.promise;
    const log = new Log();
    started(log);
    await killLeader();
    await assert.rejects(rejectWhenAborted(signal), { code: ADMINISTRATOR_SHUTDOWN });
    await leader.stop();
    await log.count(5);
    await untilEmpty();
    assert.deepEqual(log.values, numbered(5).map((row) => row.payload));
  });

  it("publishes twice rather than never when it dies between publishing and deleting", async () => {
    const log = new Log();
    let dying = true;
    started({
      async publish(topic, records, signal) {
        await log.publish(topic, records, signal);
        if (dying) await killLeader();
        dying = false;
      },
    });
    await insert(numbered(5));
    await log.count(10);
    await untilEmpty();
    const once = numbered(5).map((row) => row.payload);
    assert.deepEqual(log.values, [...once, ...once]);
  });

  it("tries a failed publish again after each back-off and deletes nothing before it succeeds", async () => {
    const log = new Log();
    const attempts: number[] = [];
    const waiting: number[] = [];
    started({
      async publish(topic, records, signal) {
        waiting.push((await outboxDepth(database.as("relay"))).rows);
        if (waiting.length <= 3) throw new Error("Refused for the test");
        await log.publish(topic, records, signal);
      },
    }, { backoff: (attempt) => attempts.push(attempt) });
    await insert(numbered(5));
    await log.count(5);
    await untilEmpty();
    assert.deepEqual(attempts, [0, 1, 2]);
    assert.deepEqual(waiting, [5, 5, 5, 5]);
    assert.equal(log.records.length, 5);
  });

  it("parks the row that the log refuses, after some attempts, and publishes all others in their order", async () => {
    const log = new Log();
    const attempts: number[] = [];
    started(refusing(log, "payload 500"), { backoff: (attempt) => attempts.push(attempt) });
    await insert(numbered(1_000));
    const others = numbered(1_000).filter(({ aggregate }, i) =>
      i < 500 || aggregate !== numbered(501)[500]?.aggregate
    );
    await log.count(others.length);
    assert.deepEqual(log.values, others.map(({ payload }) => payload));
    assert.deepEqual(attempts, [0, 1, 2, 3]);
    const [parked] = await parkedInOutbox(database.as("relay"));
    assert.equal(parked?.code, "MESSAGE_TOO_LARGE");
  });

  it("publishes parked rows and what waited behind them once they are given back", async () => {
    const log = new Log();
    let refuses = true;
    started({
      publish: (topic, records, signal) =>
        refuses
          ? refusing(log, "payload 3").publish(topic, records, signal)
          : log.publish(topic, records, signal),
    }, { backoff: () => 0 });
    await insert(numbered(15));
    await log.count(13);
    await insert([{ aggregate: "aggregate 3", payload: "later" }]);
    refuses = false;
    assert.equal(await unparkInOutbox(database.as("relay")), 1);
    await log.count(16);
    await untilEmpty();
    assert.deepEqual(log.values.slice(13), ["payload 3", "payload 10", "later"]);
  });

  it("parks nothing while the log is away, however long", async () => {
    const log = new Log();
    let failures = 0;
    started({
      publish: (topic, records, signal) =>
        ++failures <= 20
          ? Promise.reject(new Error("Away for the test"))
          : log.publish(topic, records, signal),
    }, { backoff: () => 0 });
    await insert(numbered(1));
    await log.count(1);
    await untilEmpty();
    assert.equal((await outboxDepth(database.as("relay"))).parked, 0);
  });

  it("lets the batch under way end when it stops", async () => {
    const log = new Log();
    let stopping: Promise<void> | undefined;
    const stopped = started({
      async publish(topic, records, signal) {
        stopping = stopped.stop();
        await outboxDepth(database.as("relay"));
        await log.publish(topic, records, signal);
      },
    });
    await insert(numbered(5));
    await untilEmpty();
    await stopping;
    assert.equal(log.records.length, 5);
  });

  it("cuts a publish off that does not end in time when it stops, and keeps the rows", async () => {
    const begun = Promise.withResolvers<void>();
    const stuck = started({
      publish(_topic, _records, signal) {
        begun.resolve();
        return rejectWhenAborted(signal);
      },
    }, { drainMs: 1 });
    await insert(numbered(5));
    await begun.promise;
    await stuck.stop();
    assert.equal((await outboxDepth(database.as("relay"))).rows, 5);
  });

  it("comes back however often its connection is killed", async () => {
    const log = new Log();
    started(log);
    for (let round = 1; round <= 3; round++) {
      await insert(numbered(5));
      await log.count(5 * round);
      await untilEmpty();
      await killLeader();
    }
    await insert(numbered(5));
    await log.count(20);
  });
});

/** Remembers what was published. */
class Log implements Pick<EventLog, "publish"> {
  readonly records: EventRecord[] = [];
  readonly topics: Topic[] = [];
  readonly #bell = new Bell();

  publish(topic: Topic, records: readonly EventRecord[], signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    this.topics.push(topic);
    this.records.push(...records);
    this.#bell.ring();
    return Promise.resolve();
  }

  get values(): readonly string[] {
    return this.records.map(({ value }) => new TextDecoder().decode(value ?? undefined));
  }

  async count(records: number): Promise<void> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    while (this.records.length < records) {
      deadline.throwIfAborted();
      await this.#bell.wait(DEADLINE_MS, deadline);
    }
  }
}

/** Takes no batch in which this payload is, as Kafka does with one record that is too large. */
function refusing(log: Log, payload: string): Pick<EventLog, "publish"> {
  return {
    async publish(topic, records, signal) {
      const values = records.map(({ value }) => new TextDecoder().decode(value ?? undefined));
      if (values.includes(payload)) throw new RecordsRefused("MESSAGE_TOO_LARGE");
      await log.publish(topic, records, signal);
    },
  };
}

interface Row {
  readonly aggregate: string;
  readonly payload: string;
}

function numbered(count: number): readonly Row[] {
  return Array.from(
    { length: count },
    (_, i) => ({ aggregate: `aggregate ${i % 7}`, payload: `payload ${i}` }),
  );
}

function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

const DEADLINE_MS = 30_000;
/** The SQLSTATE with which a killed connection ends. */
const ADMINISTRATOR_SHUTDOWN = "57P01";

const INSERT = `insert into outbox (id, aggregatetype, aggregateid, type, payload)
select gen_random_uuid(), 'penduduk', aggregate, 'penduduk.terdaftar', payload
from unnest($1::text[], $2::text[]) with ordinality as t (aggregate, payload, position) order by position`;
