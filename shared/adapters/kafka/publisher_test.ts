import { beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Message, ProducerConfig, ProducerRecord, RecordMetadata } from "kafkajs";
import type { EventRecord } from "../../ports/event_log.ts";
import { createPublisher, type SendingProducer } from "./publisher.ts";

const never = new AbortController().signal;

describe("A publisher to Kafka", () => {
  let producers: FakeProducer[];
  /** What becomes of each send, in turn; all of it is acknowledged when there is nothing here. */
  let answers: ((partitions: readonly number[]) => Promise<readonly number[]>)[];

  beforeEach(() => {
    producers = [];
    answers = [];
  });

  function publisher(partitions = 10) {
    return createPublisher({
      topic: "t",
      partitions,
      newProducer(config) {
        const answer = (partitions: readonly number[]) =>
          answers.shift()?.(partitions) ?? Promise.resolve(partitions);
        const producer = new FakeProducer(config, answer);
        producers.push(producer);
        return producer;
      },
    });
  }

  const sent = () => producers.flatMap((producer) => producer.sent);

  it("is idempotent, with all copies acknowledged and one request at a time", async () => {
    await publisher().publish(records(3), never);
    const [{ config, sent: [request] } = assert.fail("Expected a producer")] = producers;
    assert.deepEqual([config.idempotent, config.maxInFlightRequests, request?.acks], [true, 1, -1]);
  });

  it("spreads keys as Kafka's own clients do", async () => {
    await publisher(10).publish(["a", "b", "NIK", "kunci"].map((key) => record(key)), never);
    // As org.apache.kafka.common.utils.Utils of kafka-clients 4.3.1 has it: toPositive(murmur2(key)) % 10.
    assert.deepEqual(sent()[0]?.messages.map(({ partition }) => partition), [4, 6, 5, 0]);
  });

  it("sends again what was left out when a leader moved, to the same partitions", async () => {
    answers = [(partitions) => Promise.resolve(partitions.filter((partition) => partition < 5))];
    await publisher().publish(records(100), never);
    const [first = [], second = []] = sent().map(({ messages }) => messages);
    assert.equal(first.length, 100);
    assert.deepEqual(second, first.filter(({ partition = 0 }) => partition >= 5));
    assert.ok(second.length > 0);
  });

  it("tells records that Kafka refuses for what they are from a Kafka that is away", async () => {
    const failing = (type: string) => () =>
      Promise.reject(Object.assign(new Error("Refused for the test"), { type }));
    answers = [failing("MESSAGE_TOO_LARGE"), failing("NOT_ENOUGH_REPLICAS")];
    const refused = { name: "RecordsRefused", code: "MESSAGE_TOO_LARGE" };
    await assert.rejects(publisher().publish(records(1), never), refused);
    await assert.rejects(publisher().publish(records(1), never), { name: "PublishFailed" });
  });

  it("rejects when nothing is acknowledged", async () => {
    answers = [() => Promise.resolve([])];
    await assert.rejects(publisher().publish(records(1), never), { name: "PublishFailed" });
  });

  it("lets one publish end before the next begins", async () => {
    const gate = Promise.withResolvers<void>();
    answers = [(partitions) => gate.promise.then(() => partitions)];
    const one = publisher();
    const [first, second] = [one.publish(records(1), never), one.publish(records(2), never)];
    await untilSent(1);
    gate.resolve();
    await Promise.all([first, second]);
    assert.deepEqual(sent().map(({ messages }) => messages.length), [1, 2]);
  });

  it("goes on with a new producer after a failure, since the numbers of the old one may be taken", async () => {
    answers = [() => Promise.reject(Object.assign(new Error("{secret}"), { type: "NOT_ENOUGH_REPLICAS" }))];
    const one = publisher();
    await assert.rejects(one.publish(records(1), never), {
      code: "NOT_ENOUGH_REPLICAS",
      message: 'Cannot publish to "t": NOT_ENOUGH_REPLICAS',
    });
    await one.publish(records(1), never);
    assert.deepEqual(producers.map(({ connected }) => connected), [false, true]);
  });

  it("rejects at once when nobody waits any more, and tells kafkajs to give up", async () => {
    const caller = new AbortController();
    const failed = Promise.withResolvers<readonly number[]>();
    answers = [() => failed.promise];
    const one = publisher();
    const publishing = one.publish(records(1), caller.signal);
    await untilSent(1);
    const attempt = () => producers[0]?.askForPartition(sent()[0]?.messages[0]);
    assert.equal(typeof attempt(), "number");
    caller.abort(new Error("Gone"));
    await assert.rejects(publishing, /Gone/);
    assert.throws(attempt, { name: "NobodyWaits", retriable: false });
    failed.reject(new Error("Given up"));
    await one.publish(records(1), never);
    assert.equal(producers.length, 2);
  });

  it("does not begin what nobody waits for any more", async () => {
    const gate = Promise.withResolvers<void>();
    answers = [(partitions) => gate.promise.then(() => partitions)];
    const one = publisher();
    const first = one.publish(records(1), never);
    const caller = new AbortController();
    const second = one.publish(records(2), caller.signal);
    caller.abort(new Error("Gone"));
    await assert.rejects(second, /Gone/);
    gate.resolve();
    await first;
    await one.publish(records(3), never);
    assert.deepEqual(sent().map(({ messages }) => messages.length), [1, 3]);
  });

  it("sends large publishes in parts, in their order, and a record that is larger alone", async () => {
    const sizes = [300_000, 300_000, 200_000, 2_000_000, 10];
    await publisher().publish(sizes.map((size) => record("k", new Uint8Array(size))), never);
    const parts = sent().map(({ messages }) => messages.map(({ value }) => value?.length));
    assert.deepEqual(parts, [[300_000], [300_000, 200_000], [2_000_000], [10]]);
  });

  async function untilSent(requests: number): Promise<void> {
    for (let turn = 0; turn < 1_000 && sent().length < requests; turn++) await Promise.resolve();
    assert.equal(sent().length, requests);
  }
});

class FakeProducer implements SendingProducer {
  readonly sent: ProducerRecord[] = [];
  connected = false;

  constructor(
    readonly config: ProducerConfig,
    readonly answer: (partitions: readonly number[]) => Promise<readonly number[]>,
  ) {}

  connect(): Promise<void> {
    this.connected = true;
    return Promise.resolve();
  }

  async send(record: ProducerRecord): Promise<RecordMetadata[]> {
    this.sent.push(record);
    const partitions = await this.answer([...new Set(record.messages.map(({ partition = 0 }) => partition))]);
    return partitions.map((partition) => ({ topicName: record.topic, partition, errorCode: 0 }));
  }

  disconnect(): Promise<void> {
    this.connected = false;
    return Promise.resolve();
  }

  /** As kafkajs does at the start of each attempt. */
  askForPartition(message: Message = { value: null }): number | undefined {
    return this.config.createPartitioner?.()({ topic: "t", partitionMetadata: [], message });
  }
}

function record(key: string, value = new TextEncoder().encode("v")): EventRecord {
  return { key: new TextEncoder().encode(key), value, headers: [] };
}

function records(count: number): readonly EventRecord[] {
  return Array.from({ length: count }, (_, i) => record(`key ${i}`));
}
