import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { FakeEventLog } from "../../tests/fakes/event_log.ts";
import type { Header, StoredRecord } from "../ports/event_log.ts";
import { type Cause, deadLetters, type Origin } from "./dead_letters.ts";

describe("deadLetters", () => {
  const origin: Origin = { topic: "pendaftaran-events", partition: 7, group: "statistics-group" };
  const cause: Cause = { code: "NOT_JSON", attempts: 1, traceId: "4bf92f3577b34da6a3ce929d0e0e4736" };
  const now = () => new Date("2026-08-17T03:00:00Z");
  const signal = new AbortController().signal;
  const record: StoredRecord = {
    key: bytes(0, 255),
    value: bytes(0xc3, 0x28, 0x0a),
    headers: [["traceparent", bytes(1)], ["x", bytes(0xff)], ["x", bytes()]],
    offset: 42,
    timestamp: new Date("2026-08-17T02:59:58.123Z"),
  };

  async function sent(record: StoredRecord, cause: Cause): Promise<StoredRecord> {
    const log = new FakeEventLog();
    await deadLetters(log, now).send(record, origin, cause, signal);
    const [letter, ...more] = log.records("pendaftaran-events.dlq");
    assert.deepEqual(more, []);
    return letter ?? assert.fail("Expected a letter");
  }

  it("keeps key, value and headers to the byte and adds origin and cause as headers", async () => {
    const letter = await sent(record, cause);
    assert.deepEqual([letter.key, letter.value], [record.key, record.value]);
    assert.deepEqual(letter.headers.slice(0, 3), record.headers);
    assert.deepEqual(letter.headers.slice(3).map(legible), [
      "dlq-original-topic: pendaftaran-events",
      "dlq-original-partition: 7",
      "dlq-original-offset: 42",
      "dlq-original-timestamp: 2026-08-17T02:59:58.123Z",
      "dlq-consumer-group: statistics-group",
      "dlq-attempts: 1",
      "dlq-error-code: NOT_JSON",
      "dlq-first-failure: 2026-08-17T03:00:00.000Z",
      "dlq-trace-id: 4bf92f3577b34da6a3ce929d0e0e4736",
    ]);
  });

  it("keeps a missing key and a missing value missing, and leaves out a trace that nobody knows", async () => {
    const letter = await sent({ ...record, key: null, value: null }, { code: "NO_VALUE", attempts: 3 });
    assert.deepEqual([letter.key, letter.value], [null, null]);
    assert.ok(letter.headers.every(([name]) => name !== "dlq-trace-id"));
  });

  it("puts the headers of a second failure behind those of the first", async () => {
    const again = await sent({ ...await sent(record, cause), offset: 90 }, { ...cause, code: "BAD_DATA" });
    const codes = again.headers.filter(([name]) => name === "dlq-error-code").map(legible);
    assert.deepEqual(codes, ["dlq-error-code: NOT_JSON", "dlq-error-code: BAD_DATA"]);
  });

  it("rejects when the log does, and when the signal has aborted", async () => {
    const log = new FakeEventLog();
    log.failure = new Error("Log is away");
    await assert.rejects(deadLetters(log).send(record, origin, cause, signal), log.failure);
    log.failure = undefined;
    await assert.rejects(
      deadLetters(log).send(record, origin, cause, AbortSignal.abort(new Error("Stopped"))),
      {
        message: "Stopped",
      },
    );
    assert.deepEqual(log.records("pendaftaran-events.dlq"), []);
  });
});

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

function legible([name, value]: Header): string {
  return `${name}: ${new TextDecoder().decode(value)}`;
}
