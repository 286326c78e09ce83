import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import {
  aborted,
  Received,
  records,
  sumOfLag,
  untilCaughtUp,
} from "../../../../tests/contract/event_log_probe.ts";
import { openTestDatabase, type TestDatabase } from "../../../../tests/database.ts";
import type { Consumer, EventLog, EventRecord, Group, PartitionBatch } from "../../../ports/event_log.ts";
import { countEvents } from "./count_events.ts";
import { type EmbeddedEventLogOptions, openEmbeddedEventLog } from "./event_log.ts";
import { deleteExpired } from "./retention.ts";

/** What is its own about the embedded log; what it shares with Kafka is in tests/contract/. */
describe("The embedded event log", () => {
  let database: TestDatabase;
  let logs: EventLog[];

  before(async () => {
    database = await openTestDatabase();
  });
  after(async () => await database.drop());
  beforeEach(() => {
    logs = [];
  });
  afterEach(async () => {
    await Promise.all(logs.map((log) => log.close()));
    await database.pool.query("drop schema event_log cascade; drop table schema_migration");
  });

  async function open(options: Partial<EmbeddedEventLogOptions> = {}): Promise<EventLog> {
    const log = await openEmbeddedEventLog({ url: database.urlAs("event_log"), ...options });
    logs.push(log);
    return log;
  }

  /** Ends connections as a restart of the server does. Answers how many there were. */
  async function kill(application: string): Promise<number> {
    const { rowCount } = await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like $1 and pid <> pg_backend_pid()`,
      [application],
    );
    return rowCount ?? 0;
  }

  async function untilBlocked(): Promise<void> {
    const deadline = AbortSignal.timeout(30_000);
    const blocked =
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while ((await database.pool.query(blocked)).rowCount === 0) deadline.throwIfAborted();
  }

  it("cannot be committed by a member that has lost its connection, and delivers the batch again", async () => {
    const log = await open({ partitions: 1 });
    await publish(log, records(5));
    const begun = Promise.withResolvers<PartitionBatch>();
    const received = new Received();
    await consume(log, async (batch) => {
      await received.by("a")(batch);
      if (received.batches.length > 1) return;
      begun.resolve(batch);
      // Then it resolves as if all were well, but the partition may be another's by now.
      await aborted(batch.signal);
    });
    const zombie = await begun.promise;
    assert.equal(await kill(MEMBER), 1);
    await aborted(zombie.signal);
    await assert.rejects(zombie.heartbeat());
    await received.count(10);
    assert.deepEqual(received.batches.map((batch) => batch.records[0]?.offset), [0, 0]);
  });

  it("goes on when the server has ended every connection", async () => {
    const log = await open();
    const received = new Received();
    await consume(log, received.by("a"));
    for (let round = 1; round <= 3; round++) {
      await publish(log, records(20, `${round}-`));
      await received.count(20 * round);
      await untilCaughtUp(log, TOPIC, GROUP);
      assert.ok(await kill("%") >= 2);
      await untilReachable(log);
    }
    await publish(log, records(20, "last-"));
    await received.count(80);
  });

  it("leaves a handler behind that does not end in time, and what it does then moves no offset", async () => {
    const log = await open({ drainMs: 1 });
    await publish(log, records(1));
    const deaf = Promise.withResolvers<void>();
    const begun = new Received();
    const consumer = await consume(log, async (batch) => {
      await begun.by("a")(batch);
      await deaf.promise;
    });
    await begun.count(1);
    await consumer.stop();
    deaf.resolve();
    const received = new Received();
    await consume(log, received.by("b"));
    await received.count(1);
    assert.deepEqual(received.records[0]?.offset, begun.records[0]?.offset);
  });

  it("takes the partitions from a member that is frozen", async () => {
    const log = await open();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "-A", new URL("./testdata/member.ts", import.meta.url).href, database.url],
      stdout: "piped",
    }).spawn();
    const output = child.stdout.getReader();
    try {
      await publish(log, records(100));
      await output.read();
      child.kill("SIGSTOP");
      const received = new Received();
      await consume(log, received.by("b"));
      await received.count(100);
    } finally {
      child.kill("SIGKILL");
      await child.status;
      await output.cancel();
    }
  });

  it("hands over at most 500 records and 1 MiB at once, and a larger record alone", async () => {
    const log = await open({ partitions: 1 });
    const sizes = [...Array(600).fill(0), 700_000, 700_000, 2_000_000, 10];
    await publish(log, sizes.map((size) => ({ key: null, value: new Uint8Array(size), headers: [] })));
    const received = new Received();
    await consume(log, received.by("a"));
    await received.count(sizes.length);
    assert.deepEqual(received.batches.map((batch) => batch.records.length), [500, 101, 1, 1, 1]);
  });

  it("refuses a publish whole when a partition is gone", async () => {
    const log = await open();
    await database.pool.query("delete from event_log.partition where partition = 3");
    await assert.rejects(publish(log, records(100)), { code: "23502" });
    assert.equal(await sumOfLag(log, TOPIC, GROUP), 0);
  });

  it("locks partitions in their order, so that publishers never deadlock", async () => {
    const log = await open();
    const other = await database.pool.connect();
    const lock = (partition: number) =>
      other.query("select from event_log.partition where partition = $1 for update", [partition]);
    await other.query("begin");
    await lock(0);
    const published = publish(log, records(100));
    await untilBlocked();
    for (let partition = 1; partition < 10; partition++) await lock(partition);
    await other.query("commit");
    other.release();
    await published;
    assert.equal(await sumOfLag(log, TOPIC, GROUP), 100);
  });

  it("publishes while a member of a new group registers", async () => {
    const log = await open();
    const member = await database.pool.connect();
    await member.query("begin");
    await member.query(
      "insert into event_log.group_offset (topic_id, group_name, partition) select topic_id, 'new', partition from event_log.partition",
    );
    await publish(log, records(100));
    await member.query("rollback");
    member.release();
  });

  it("keeps the number of partitions of a topic that is there", async () => {
    await open({ partitions: 3 });
    const log = await open({ partitions: 7 });
    await publish(log, records(100));
    assert.deepEqual((await log.lag(TOPIC, GROUP)).map(({ partition }) => partition), [0, 1, 2]);
  });

  it("names another epoch when the topic was made anew, and its members go on with that", async () => {
    const log = await open();
    const received = new Received();
    await consume(log, received.by("a"));
    await publish(log, records(10));
    await received.count(10);
    await database.pool.query("truncate event_log.topic cascade");
    const successor = await open();
    await publish(successor, records(10));
    await received.count(20);
    assert.equal(new Set(received.batches.map((batch) => batch.epoch)).size, 2);
  });

  it("is opened by many processes at once", async () => {
    const opened = await Promise.all([open(), open(), open(), open(), open()]);
    for (const log of opened) await publish(log, records(2));
    assert.equal(await sumOfLag(opened[0], TOPIC, GROUP), 10);
  });

  it("counts events of which the relay wrote some twice once", async () => {
    const log = await open();
    await publish(log, records(30));
    await publish(log, records(10));
    await log.publish("pendaftaran-events.dlq", records(5, "dead"), AbortSignal.timeout(10_000));
    assert.equal(await countEvents(database.as("reader")), 30);
  });

  it("deletes what is old and committed by every group, and numbers on", async () => {
    let now = new Date("2020-01-01");
    const log = await open({ now: () => now, retentionDays: 36_500 });
    const [statistics, notification] = [new Received(), new Received()];
    await consume(log, statistics.by("a"));
    const late = await consume(log, notification.by("b"), "notification-group");
    await publish(log, records(2_500, "old"));
    await Promise.all([untilCaughtUp(log, TOPIC, GROUP), untilCaughtUp(log, TOPIC, "notification-group")]);
    await late.stop();
    now = new Date("2020-02-01");
    await publish(log, records(70, "behind"));
    await untilCaughtUp(log, TOPIC, GROUP);
    now = new Date("2020-03-01");
    await publish(log, records(30, "young"));
    await untilCaughtUp(log, TOPIC, GROUP);

    const never = new AbortController().signal;
    const expiry = { events: new Date("2020-02-15"), deadLetters: new Date() };
    assert.equal(await deleteExpired(database.as("event_log"), expiry, never), 2_500);
    await consume(log, notification.by("b"), "notification-group");
    await untilCaughtUp(log, TOPIC, "notification-group");
    assert.equal(await deleteExpired(database.as("event_log"), expiry, never), 70);
    assert.equal(await countEvents(database.as("reader")), 30);
    assert.equal(notification.records.length, 2_600);
  });

  it("keeps what no group has begun to read, however old", async () => {
    const log = await open({ now: () => new Date("2020-01-01") });
    await publish(log, records(10));
    const expiry = { events: new Date(), deadLetters: new Date() };
    assert.equal(await deleteExpired(database.as("event_log"), expiry, new AbortController().signal), 0);
    assert.equal(await sumOfLag(log, TOPIC, GROUP), 10);
  });

  it("keeps dead letters for 90 days and deletes them then, although no group reads them", async () => {
    let now = new Date("2020-01-01");
    const log = await open({ now: () => now, retentionDays: 36_500, deadLetterRetentionDays: 36_500 });
    const bury = (prefix: string) =>
      log.publish("pendaftaran-events.dlq", records(1_200, prefix), AbortSignal.timeout(30_000));
    await bury("old");
    now = new Date("2020-02-01");
    await bury("young");
    await publish(log, records(10));
    now = new Date("2020-04-15");
    await open({ now: () => now });
    const left = async () => {
      const values: string[] = [];
      for await (const { value } of log.read("pendaftaran-events.dlq", AbortSignal.timeout(10_000))) {
        values.push(new TextDecoder().decode(value ?? undefined));
      }
      return values;
    };
    const deadline = AbortSignal.timeout(30_000);
    while ((await left()).length > 1_200) deadline.throwIfAborted();
    assert.ok((await left()).every((value) => value.startsWith("young")));
    assert.equal(await countEvents(database.as("reader")), 10);
  });

  it("deletes by itself when it is opened", async () => {
    const old = await open({ now: () => new Date("2020-01-01"), retentionDays: 30 });
    const received = new Received();
    await consume(old, received.by("a"));
    await publish(old, records(10));
    await untilCaughtUp(old, TOPIC, GROUP);
    await open({ retentionDays: 30 });
    const deadline = AbortSignal.timeout(30_000);
    while (await countEvents(database.as("reader")) > 0) deadline.throwIfAborted();
  });
});

const TOPIC = "pendaftaran-events";
const GROUP: Group = "statistics-group";
/** How the connection of a member of GROUP is called. */
const MEMBER = `${GROUP} %`;

function publish(log: EventLog, records: readonly EventRecord[]): Promise<void> {
  return log.publish(TOPIC, records, AbortSignal.timeout(30_000));
}

async function consume(
  log: EventLog,
  onBatch: (batch: PartitionBatch) => Promise<void>,
  group = GROUP,
): Promise<Consumer> {
  const consumer = log.consume(TOPIC, group, onBatch);
  await consumer.start();
  return consumer;
}

/** The pool learns of a lost connection by using it. */
async function untilReachable(log: EventLog): Promise<void> {
  const deadline = AbortSignal.timeout(30_000);
  while (!await log.check(deadline).then(() => true, () => false)) deadline.throwIfAborted();
}
