import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openKafkaEventLog } from "../../shared/adapters/kafka/event_log.ts";
import { topicsWithOlderRecords } from "../../shared/adapters/kafka/older_records.ts";
import { deleteAll, stackKafka } from "./stack_kafka.ts";

/** What `keys retire events` asks before it takes a key out. */
describe("Topics with records from before a time", () => {
  const kafka = { ...stackKafka(), partitions: 3 };
  const [begin, later] = [new Date(Date.now() - 60_000), new Date(Date.now() + 3_600_000)];
  before(async () => {
    const log = await openKafkaEventLog(kafka);
    const record = { key: null, value: new TextEncoder().encode("x"), headers: [] };
    await log.publish("pendaftaran-events", [record], AbortSignal.timeout(30_000));
    await log.close();
  });
  after(() => deleteAll(kafka));

  it("are those that hold one, in any partition, and not those that are empty", async () => {
    assert.deepEqual(await topicsWithOlderRecords(kafka, later), ["pendaftaran-events"]);
  });

  it("are none when all came after", async () => {
    assert.deepEqual(await topicsWithOlderRecords(kafka, begin), []);
  });

  it("are none where there are no topics", async () => {
    assert.deepEqual(await topicsWithOlderRecords({ ...kafka, prefix: "none." }, later), []);
  });
});
