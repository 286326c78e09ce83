import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import { migrate } from "../../shared/adapters/postgres/migrate.ts";
import type { EventRecord } from "../../shared/ports/event_log.ts";
import { openTestDatabase, type TestDatabase } from "../../tests/database.ts";
import { REGISTRY } from "../registration/migrations.ts";
import {
  deleteFromOutbox,
  outboxDepth,
  parkedInOutbox,
  parkInOutbox,
  readOutbox,
  toRecord,
  unparkInOutbox,
} from "./outbox.ts";

describe("The outbox", () => {
  let database: TestDatabase;

  before(async () => {
    database = await openTestDatabase();
    await migrate(database.pool, REGISTRY);
  });
  after(async () => await database.drop());
  beforeEach(async () => void await database.pool.query("delete from outbox"));

  async function insert(
    aggregate: string,
    payload: string,
    traceparent: string | null = null,
  ): Promise<void> {
    await database.pool.query(
      `insert into outbox (id, aggregatetype, aggregateid, type, payload, traceparent)
      values (gen_random_uuid(), 'penduduk', $1, 'penduduk.terdaftar', $2, $3)`,
      [aggregate, payload, traceparent],
    );
  }

  it("gives records under the aggregate's key, with the media type, its number and the trace when there is one", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await insert("a", "{}", traceparent);
    await insert("b", "{}");
    const rows = await readOutbox(database.as("relay"), 10);
    const records = rows.map(toRecord);
    const [first, second] = rows.map(({ seq }) => ["outbox-seq", seq]);
    const contentType = ["content-type", "application/cloudevents+json; charset=UTF-8"];
    assert.deepEqual(records.map(legible), [
      { key: "a", value: "{}", headers: [contentType, first, ["traceparent", traceparent]] },
      { key: "b", value: "{}", headers: [contentType, second] },
    ]);
  });

  it("gives the payload to the byte as it was stored", async () => {
    const payloads = [
      ` { "b" : 1.0, "a": 1e2, "a":2 }\n`,
      `{"text":"\\u00e9 é 😀 \\u0000 \\/"}`,
      `{"big":12345678901234567890}`,
    ];
    for (const payload of payloads) await insert("a", payload);
    const records = (await readOutbox(database.as("relay"), 10)).map(toRecord);
    assert.deepEqual(records.map((record) => legible(record).value), payloads);
  });

  it("gives the oldest rows up to the limit, and deletes no others", async () => {
    for (const payload of ["1", "2", "3"]) await insert("a", payload);
    const oldest = await readOutbox(database.as("relay"), 2);
    assert.deepEqual(oldest.map((row) => row.payload), ["1", "2"]);
    await deleteFromOutbox(database.as("relay"), oldest);
    assert.deepEqual((await readOutbox(database.as("relay"), 2)).map((row) => row.payload), ["3"]);
  });

  it("keeps back parked rows and what else is to be said of their residents, until they are given back", async () => {
    const relay = database.as("relay");
    for (const [aggregate, payload] of [["a", "1"], ["b", "2"], ["a", "3"]] as const) {
      await insert(aggregate, payload);
    }
    const [first] = await readOutbox(relay, 1);
    assert.ok(first);
    await parkInOutbox(relay, first, "MESSAGE_TOO_LARGE");
    assert.deepEqual(await waiting(), ["2"]);
    const [parked, ...others] = await parkedInOutbox(relay);
    assert.deepEqual([parked?.seq, parked?.code, parked?.characters, others], [
      first.seq,
      "MESSAGE_TOO_LARGE",
      1,
      [],
    ]);
    assert.equal((await outboxDepth(relay)).parked, 1);
    assert.equal(await unparkInOutbox(relay, ["0"]), 0);
    assert.equal(await unparkInOutbox(relay, [first.seq]), 1);
    assert.deepEqual(await waiting(), ["1", "2", "3"]);
  });

  async function waiting(): Promise<readonly string[]> {
    return (await readOutbox(database.as("relay"), 10)).map((row) => row.payload);
  }

  it("tells how many rows wait and for how long the oldest has", async () => {
    assert.deepEqual(await outboxDepth(database.as("relay")), { rows: 0, oldestSeconds: 0, parked: 0 });
    for (const payload of ["1", "2", "3"]) await insert("a", payload);
    await database.pool.query("update outbox set created_at = now() - interval '1 hour' where payload = '2'");
    const depth = await outboxDepth(database.as("relay"));
    assert.equal(depth.rows, 3);
    assert.ok(depth.oldestSeconds >= 3_600 && depth.oldestSeconds < 3_700);
  });
});

function legible({ key, value, headers }: EventRecord) {
  const text = (bytes: Uint8Array | null) => new TextDecoder().decode(bytes ?? undefined);
  return { key: text(key), value: text(value), headers: headers.map(([name, value]) => [name, text(value)]) };
}
