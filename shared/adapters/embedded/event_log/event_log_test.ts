import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import { Received, sumOfLag, untilCaughtUp } from "../../../../tests/contract/event_log_probe.ts";
import { openTestDatabase, type TestDatabase } from "../../../../tests/database.ts";
import type { Consumer, EventLog, EventRecord, PartitionBatch } from "../../../ports/event_log.ts";
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
    const log = await openEmbeddedEventLog({ url: database.url, ...options });
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

  it("cannot be committed by a member that has lost its connection, and delivers the batch again", async () => {
    const log = await open();
    await publish(log, records(5));
    const begun = Promise.withResolvers<PartitionBatch>();
    const received = new Received();
    await consume(log, async (batch) => {
      await received.by("a")(batch);
      if (received.batches.length > 1) return;
      begun.resolve(batch);
      // As if it were done: it resolves, but the partition may be another's by then.
      await aborted(batch.signal);
    });
    const zombie = await begun.promise;
    assert.equal(await kill(MEMBER), 1);
    await aborted(zombie.signal);
    await assert.rejects(zombie.heartbeat());
    await received.count(5 + zombie.records.length);
    await untilCaughtUp(log, TOPIC, GROUP);
    const again = received.records.filter((seen) => seen.value === text(zombie.records[0]?.value));
    assert.equal(again.length, 2);
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
    }
    await untilReachable(log);
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
    try {
      await publish(log, records(100));
      await child.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
      child.kill("SIGSTOP");
      const received = new Received();
      await consume(log, received.by("b"));
      await received.count(100);
    } finally {
      child.kill("SIGKILL");
      await child.status;
      await child.stdout.cancel();
    }
  });

  it("hands over at most 500 records and 1 MiB at once, and a larger record alone", async () => {
    const log = await open({ partitions: 1 });
    const sizes = [...Array(600).fill(0), 700_000, 700_000, 2_000_000, 10];
    await publish(log, sizes.map((size) => ({ key: null, value: new Uint8Array(size), headers: [] })));
    const received = new Received();
    await consume(log, received.by("a"));
    await received.count(sizes.length);
    assert.deepEqual(received.batches.map((batch) => batch.records.length), [500, 101, 2, 1]);
  });
});
