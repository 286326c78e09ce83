import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { FakeEventLog } from "../../tests/fakes/event_log.ts";
import type { EventRecord, Header, LoggedRecord, StoredRecord } from "../ports/event_log.ts";
import { type Cause, deadLetters } from "./dead_letters.ts";
import { readLetter } from "./letter.ts";
import { replay } from "./replay.ts";

const TOPIC = "pendaftaran-events.dlq";

describe("deadLetters", () => {
  const place = { topic: "pendaftaran-events", partition: 7 } as const;
  const group = "statistics-group";
  const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
  const untraced: Cause = { code: "NOT_JSON", message: "The value is not JSON", attempts: 1 };
  const cause: Cause = { ...untraced, traceId: TRACE_ID };
  const now = () => new Date("2026-08-17T03:00:00Z");
  const signal = new AbortController().signal;
  const record: StoredRecord = {
    key: bytes(0, 255),
    value: bytes(0xc3, 0x28, 0x0a),
    headers: [["traceparent", bytes(1)], ["x", bytes(0xff)], ["x", bytes()], ["dlq-attempts", bytes(9)]],
    offset: 42,
    timestamp: new Date("2026-08-17T02:59:58.123Z"),
  };

  async function sent(record: StoredRecord, cause: Cause, at = now): Promise<LoggedRecord> {
    const log = new FakeEventLog();
    await deadLetters(log, { group, now: at }).send(record, place, cause, signal);
    const [letter, ...more] = log.records(TOPIC);
    assert.deepEqual(more, []);
    return { ...letter ?? assert.fail("Expected a letter"), partition: 0 };
  }

  /** The record that a replay of the letter publishes. */
  async function replayed(letter: LoggedRecord): Promise<EventRecord> {
    const log = new FakeEventLog();
    const read = readLetter(letter) ?? assert.fail("Expected a letter");
    assert.equal(await replay(only(read), { eventLog: log, signal }), 1);
    return log.records("pendaftaran-events")[0] ?? assert.fail("Expected a record");
  }

  it("keeps key, value and headers to the byte and adds origin and cause as headers", async () => {
    const letter = await sent(record, cause);
    assert.deepEqual([letter.key, letter.value], [record.key, record.value]);
    assert.deepEqual(letter.headers.slice(0, 4), record.headers);
    assert.deepEqual(letter.headers.slice(4).map(legible), [
      "dlq-original-topic: pendaftaran-events",
      "dlq-original-partition: 7",
      "dlq-original-offset: 42",
      "dlq-original-timestamp: 2026-08-17T02:59:58.123Z",
      "dlq-consumer-group: statistics-group",
      "dlq-attempts: 1",
      "dlq-error-code: NOT_JSON",
      "dlq-error-message: The value is not JSON",
      "dlq-first-failed-at: 2026-08-17T03:00:00.000Z",
      `dlq-trace-id: ${TRACE_ID}`,
    ]);
  });

  it("reads the record back as it was, with what is known of its failure", async () => {
    const { key, value, headers, offset, timestamp } = record;
    assert.deepEqual(readLetter(await sent(record, cause)), {
      id: "0-0",
      record: { key, value, headers },
      failure: {
        group,
        origin: { ...place, offset, timestamp },
        attempts: 1,
        code: "NOT_JSON",
        message: "The value is not JSON",
        firstFailedAt: now(),
        traceId: TRACE_ID,
        smsId: undefined,
      },
    });
  });

  it("keeps a missing key and a missing value missing, and leaves out a trace that nobody knows", async () => {
    const letter = await sent({ ...record, key: null, value: null }, { ...untraced, attempts: 3 });
    assert.deepEqual([letter.key, letter.value], [null, null]);
    assert.ok(letter.headers.every(([name]) => name !== "dlq-trace-id"));
  });

  it("takes the trace from the record's header when the consumer cannot tell it", async () => {
    const traceparent = new TextEncoder().encode(`00-${TRACE_ID}-00f067aa0ba902b7-01`);
    const letter = await sent({ ...record, headers: [["traceparent", traceparent]] }, untraced);
    assert.equal(readLetter(letter)?.failure.traceId, TRACE_ID);
  });

  it("goes on from the first failure when a replay fails too, and keeps the record as it was", async () => {
    const first = await sent(record, { ...cause, attempts: 2 });
    const again: StoredRecord = { ...await replayed(first), offset: 90, timestamp: new Date() };
    const second = await sent(again, { ...cause, code: "BAD_DATA", attempts: 3 }, () => new Date());
    const [before, after] = [readLetter(first), readLetter(second)];
    assert.deepEqual(after?.record, before?.record);
    assert.deepEqual(after?.failure, { ...before?.failure, code: "BAD_DATA", attempts: 5 });
  });

  it("names an SMS whose record is not at hand", async () => {
    const log = new FakeEventLog();
    const letters = deadLetters(log, { group: "notification-group", now });
    await letters.sendSms({ id: "event:officer", eventId: "event" }, cause, signal);
    const [letter = assert.fail("Expected a letter")] = log.records(TOPIC);
    const read = readLetter({ ...letter, partition: 3 });
    assert.equal(read?.id, "3-0");
    assert.equal(read.record.value, null);
    assert.deepEqual([read.failure.smsId, read.failure.origin], ["event:officer", undefined]);
  });

  it("tells the code of each letter that was written, and of no other", async () => {
    const log = new FakeEventLog();
    const arrivals: string[] = [];
    const letters = deadLetters(log, { group, onArrival: (code) => void arrivals.push(code) });
    await letters.send(record, place, cause, signal);
    log.failure = new Error("Log is away");
    await assert.rejects(letters.send(record, place, { ...cause, code: "BAD_DATA" }, signal), log.failure);
    await assert.rejects(letters.sendSms({ id: "a:b", eventId: "a" }, cause, signal), log.failure);
    assert.deepEqual(arrivals, ["NOT_JSON"]);
  });

  it("rejects when the signal has aborted", async () => {
    const log = new FakeEventLog();
    const gone = AbortSignal.abort(new Error("Stopped"));
    await assert.rejects(deadLetters(log, { group }).send(record, place, cause, gone), {
      message: "Stopped",
    });
    assert.deepEqual(log.records(TOPIC), []);
  });
});

async function* only<T>(item: T): AsyncGenerator<T> {
  yield await Promise.resolve(item);
}

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

function legible([name, value]: Header): string {
  return `${name}: ${new TextDecoder().decode(value)}`;
}
