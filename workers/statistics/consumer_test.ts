import assert from "node:assert/strict";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { encode } from "../../shared/events/penduduk_event.ts";
import { PROVINSI } from "../../shared/penduduk/provinsi.ts";
import type { Consumer, EventRecord, Header } from "../../shared/ports/event_log.ts";
import type { Applied, CountableBatch, CountableEvent } from "../../shared/ports/statistics_store.ts";
import { readLetters } from "../../shared/dead_letters/letters.ts";
import { replay } from "../../shared/dead_letters/replay.ts";
import { deadLetters } from "../../shared/dead_letters/dead_letters.ts";
import { FakeEventLog } from "../../tests/fakes/event_log.ts";
import { type BatchCounts, statisticsConsumer } from "./consumer.ts";

describe("statisticsConsumer", () => {
  let eventLog: FakeEventLog;
  let letters: FakeEventLog;
  let store: Ledger;
  let seen: BatchCounts[];
  let consumer: Consumer;

  beforeEach(async () => {
    eventLog = new FakeEventLog();
    letters = new FakeEventLog();
    store = new Ledger();
    seen = [];
    consumer = statisticsConsumer({
      eventLog,
      store,
      deadLetters: deadLetters(letters, { group: "statistics-group" }),
      inPlace: { tries: 3, backoff: () => 0 },
      observe: (counts) => seen.push(counts),
      now: () => Date.parse("2026-08-17T03:00:01.500Z"),
    });
    await consumer.start();
  });

  const publish = (...records: readonly EventRecord[]) =>
    eventLog.publish("pendaftaran-events", records, AbortSignal.timeout(1_000));
  const deliver = () => eventLog.deliver("pendaftaran-events", "statistics-group");
  const lettersSent = () => letters.records("pendaftaran-events.dlq");

  it("counts the events of a batch with their offsets, in the topic's epoch and partition", async () => {
    await publish(registration({ id: ID_1, tahunLahir: 1990 }), registration({ id: ID_2, tahunLahir: 2003 }));
    await deliver();
    assert.deepEqual(store.batches, [{
      epoch: eventLog.epoch,
      partition: 0,
      events: [
        { offset: 0, id: ID_1, change: 1, kode, jenisKelamin: "perempuan", tahunLahir: 1990, registeredAt },
        { offset: 1, id: ID_2, change: 1, kode, jenisKelamin: "perempuan", tahunLahir: 2003, registeredAt },
      ],
    }]);
    assert.deepEqual(seen, [{ counted: 2, repeated: 0, poison: 0, ages: [1.5, 1.5] }]);
    assert.deepEqual(await eventLog.lag("pendaftaran-events", "statistics-group"), [{
      partition: 0,
      lag: 0,
    }]);
  });

  it("tells the store an event's number in the outbox, and nothing where the record bears none that can be read", async () => {
    const numbers = ["17", "0", "-3", "1e3", "12345678901234567", ""];
    for (const [i, number] of numbers.entries()) {
      const header: Header = ["outbox-seq", new TextEncoder().encode(number)];
      const { headers, ...record } = registration({ id: `${ID_1.slice(0, -1)}${i}` });
      await publish({ ...record, headers: [...headers, header] });
    }
    await deliver();
    const told = store.batches.flatMap(({ events }) => events.map(({ seq }) => seq));
    assert.deepEqual(told, [17, ...new Array(5).fill(undefined)]);
  });

  it("takes a cancelled registration off the counts that it was counted under", async () => {
    await publish(registration({ id: ID_1 }), cancellation({ id: ID_2 }));
    await deliver();
    assert.deepEqual(store.batches[0]?.events.map(({ id, change }) => [id, change]), [[ID_1, 1], [ID_2, -1]]);
    const [registered, cancelled] = store.batches[0]?.events ?? [];
    assert.deepEqual({ ...registered, offset: 1, id: ID_2, change: -1 }, cancelled);
  });

  it("sends poison to the dead letters as it is, with its code, and counts what stands around it", async () => {
    const poison: EventRecord = {
      key: bytes("k"),
      value: bytes("{"),
      headers: [["traceparent", bytes(TRACEPARENT)]],
    };
    await publish(registration({ id: ID_1 }), poison, registration({ id: ID_2 }));
    await deliver();
    assert.equal(store.counted.size, 2);
    const [letter, ...more] = lettersSent();
    assert.deepEqual(more, []);
    assert.deepEqual([letter?.key, letter?.value], [poison.key, poison.value]);
    assert.equal(text(letter?.headers, "dlq-error-code"), "NOT_JSON");
    assert.equal(text(letter?.headers, "dlq-original-topic"), "pendaftaran-events");
    assert.equal(text(letter?.headers, "dlq-original-partition"), "0");
    assert.equal(text(letter?.headers, "dlq-original-offset"), "1");
    assert.equal(text(letter?.headers, "dlq-consumer-group"), "statistics-group");
    assert.equal(text(letter?.headers, "dlq-attempts"), "1");
    assert.equal(text(letter?.headers, "dlq-trace-id"), TRACE_ID);
    assert.deepEqual(seen, [{ counted: 2, repeated: 0, poison: 1, ages: [1.5, 1.5] }]);
  });

  it("goes on when a batch is nothing but poison of every kind", async () => {
    const values = [null, bytes(""), Uint8Array.of(0xff, 0xfe), bytes("[]"), bytes('{"specversion":"1.0"}')];
    await publish(...values.map((value) => ({ key: null, value, headers: [] })));
    assert.equal(await deliver(), values.length);
    assert.deepEqual(lettersSent().map((letter) => letter.value), values);
    assert.deepEqual(await eventLog.lag("pendaftaran-events", "statistics-group"), [{
      partition: 0,
      lag: 0,
    }]);
  });

  it("takes no trace id from a header that is none", async () => {
    await publish({ key: null, value: null, headers: [["traceparent", bytes(`00-${"z".repeat(32)}-0-01`)]] });
    await deliver();
    assert.equal(text(lettersSent()[0]?.headers, "dlq-trace-id"), undefined);
  });

  it("tries again in place with heartbeats while the store fails, and counts once when that helps", async () => {
    await publish(registration({ id: ID_1 }));
    let tries = 0;
    store.onApply = () => {
      if (++tries < 3) throw new Error("Store is away");
    };
    assert.equal(await deliver(), 1);
    assert.equal(tries, 3);
    assert.deepEqual(seen, [{ counted: 1, repeated: 0, poison: 0, ages: [1.5] }]);
    assert.deepEqual(lettersSent(), []);
  });

  it("counts what a person replays for it once, and passes over what is replayed for others", async () => {
    const [own, others] = (["statistics-group", "notification-group"] as const).map((group) =>
      deadLetters(letters, { group })
    );
    const place = { topic: "pendaftaran-events", partition: 0 } as const;
    const cause = { code: "UNKNOWN_TYPE", message: "-", attempts: 1 };
    const signal = AbortSignal.timeout(1_000);
    const stored = (id: string) => ({ ...registration({ id }), offset: 0, timestamp: new Date() });
    await own?.send(stored(ID_1), place, cause, signal);
    await others?.send(stored(ID_2), place, cause, signal);
    for (let i = 0; i < 2; i++) await replay(readLetters(letters, signal), { eventLog, signal });
    await deliver();
    assert.deepEqual([...store.counted.keys()], [ID_1]);
    assert.deepEqual(seen, [{ counted: 1, repeated: 1, poison: 0, ages: [] }]);
  });

  it("leaves the batch to the log when the store fails, and sends no letter twice for it", async () => {
    await publish(registration({ id: ID_1 }), { key: null, value: null, headers: [] });
    store.failure = new Error("Store is away");
    await assert.rejects(deliver(), store.failure);
    assert.deepEqual(lettersSent(), []);
    store.failure = undefined;
    assert.equal(await deliver(), 2);
    assert.equal(store.counted.size, 1);
    assert.equal(lettersSent().length, 1);
  });

  it("leaves the batch to the log when a letter cannot be sent, and then counts nothing twice", async () => {
    await publish(registration({ id: ID_1 }), { key: null, value: null, headers: [] });
    letters.failure = new Error("Dead letters are away");
    await assert.rejects(deliver(), letters.failure);
    assert.deepEqual(await eventLog.lag("pendaftaran-events", "statistics-group"), [{
      partition: 0,
      lag: 2,
    }]);
    letters.failure = undefined;
    await deliver();
    assert.deepEqual(seen, [{ counted: 0, repeated: 1, poison: 1, ages: [1.5] }]);
    assert.equal(store.counted.size, 1);
    assert.equal(lettersSent().length, 1);
  });

  it("starts nothing more, and commits nothing, once it is stopped", async () => {
    await publish(registration({ id: ID_1 }), { key: null, value: null, headers: [] });
    store.onApply = () => void consumer.stop();
    await assert.rejects(deliver(), { name: "AbortError" });
    assert.deepEqual(lettersSent(), []);
    assert.deepEqual(await eventLog.lag("pendaftaran-events", "statistics-group"), [{
      partition: 0,
      lag: 2,
    }]);
  });
});

/** A store that knows what it has counted. */
class Ledger {
  readonly batches: CountableBatch[] = [];
  readonly counted = new Map<string, CountableEvent>();
  failure: Error | undefined;
  onApply = () => {};

  apply(batch: CountableBatch): Promise<Applied> {
    if (this.failure) return Promise.reject(this.failure);
    try {
      this.onApply();
    } catch (error) {
      return Promise.reject(error);
    }
    this.batches.push(batch);
    const before = this.counted.size;
    for (const event of batch.events) this.counted.set(event.id, event);
    const counted = this.counted.size - before;
    return Promise.resolve({ counted, repeated: batch.events.length - counted });
  }
}

const [{ kode } = assert.fail()] = PROVINSI;
const ID_1 = "018f0000-0000-7000-8000-000000000001";
const ID_2 = "018f0000-0000-7000-8000-000000000002";
/** What the ids of the residents say, of registrations and cancellations alike. */
const registeredAt = new Date(0x018f00000000);
const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;

function registration({ id, tahunLahir = 1990 }: { id: string; tahunLahir?: number }): EventRecord {
  const data = { kode, jenisKelamin: "perempuan", tahunLahir, personal: "sealed" } as const;
  const time = new Date("2026-08-17T03:00:00Z");
  return {
    key: bytes(id),
    value: encode({ type: "penduduk.terdaftar", id, subject: id, time, traceparent: TRACEPARENT, data }),
    headers: [],
  };
}

function cancellation({ id }: { id: string }): EventRecord {
  const data = { kode, jenisKelamin: "perempuan", tahunLahir: 1990 } as const;
  const time = new Date("2026-08-17T04:00:00Z");
  return {
    key: bytes(id),
    value: encode({ type: "penduduk.dibatalkan", id, subject: id, time, traceparent: TRACEPARENT, data }),
    headers: [],
  };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function text(headers: readonly Header[] | undefined, name: string): string | undefined {
  const [, value] = headers?.find((header) => header[0] === name) ?? [];
  return value && new TextDecoder().decode(value);
}
