import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { openTestDatabase, type TestDatabase } from "../../../../tests/database.ts";
import { PROVINSI } from "../../../penduduk/provinsi.ts";
import type { CountableEvent, StatisticsStore } from "../../../ports/statistics_store.ts";
import { deleteExpired } from "./retention.ts";
import { openEmbeddedStatisticsStore } from "./statistics_store.ts";

// What every store promises is in tests/contract/statistics_store_contract.ts.
describe("The embedded statistics store", () => {
  let database: TestDatabase;
  let store: StatisticsStore;

  before(async () => {
    database = await openTestDatabase();
    // Its own hourly look must find nothing to do: the tests delete by hand.
    store = await openEmbeddedStatisticsStore(database.as("statistics"), { ledgerDays: 10_000 });
  });
  after(async () => {
    await store.close();
    await database.drop();
  });

  const count = (...events: readonly CountableEvent[]) => store.apply({ epoch: "a", partition: 0, events });
  const age = (interval: string) =>
    database.pool.query("update statistics_ledger set counted_at = counted_at - $1::interval", [interval]);
  const rememberDays = (days: number) =>
    deleteExpired(database.as("statistics"), days, AbortSignal.timeout(5_000));

  it("forgets events counted longer before the newest count than the ledger reaches, and keeps their counts", async () => {
    const [old, recent] = [someone(0), someone(1)];
    await count(old);
    await age("32 days");
    await count(recent);
    assert.equal(await rememberDays(31), 1);
    assert.deepEqual(await count({ ...recent, offset: 2 }), { counted: 0, repeated: 1 });
    assert.equal((await store.read()).provinces[0]?.jumlah, 2);
  });

  it("forgets nothing for the time in which nothing was counted", async () => {
    const event = someone(3);
    await count(event);
    await age("400 days");
    await database.pool.query("update statistics_counter set moved_at = moved_at - interval '400 days'");
    assert.equal(await rememberDays(31), 0);
    assert.deepEqual(await count({ ...event, offset: 4 }), { counted: 0, repeated: 1 });
  });

  it("undoes the ledger together with the counters when the counters cannot be moved", async () => {
    await database.pool.query("alter table statistics_counter add constraint full_up check (jumlah <= 3)");
    const event = someone(5);
    await assert.rejects(count(event), { constraint: "full_up" });
    await database.pool.query("alter table statistics_counter drop constraint full_up");
    assert.deepEqual(await count(event), { counted: 1, repeated: 0 });
  });

  it("counts what partitions deliver at once by one statement, and tells each its own", async () => {
    const [twice, ...others] = Array.from({ length: 6 }, (_, i) => someone(10 + i));
    assert.ok(twice);
    const deliveries = [...others.map((event) => [twice, event]), [], [twice]];
    assert.deepEqual(await Promise.all(deliveries.map((events) => count(...events))), [
      { counted: 2, repeated: 0 },
      ...others.slice(1).map(() => ({ counted: 1, repeated: 1 })),
      { counted: 0, repeated: 0 },
      { counted: 0, repeated: 1 },
    ]);
    const { rows } = await database.pool.query(
      "select count(distinct xmin::text)::int as statements from statistics_ledger where event_id = any ($1)",
      [[twice, ...others].map(({ id }) => id)],
    );
    assert.deepEqual(rows, [{ statements: 1 }]);
  });
});

function someone(offset: number): CountableEvent {
  const kode = PROVINSI[0]?.kode ?? assert.fail();
  const registeredAt = new Date();
  const person = { kode, jenisKelamin: "perempuan", tahunLahir: 1990, registeredAt } as const;
  return { offset, id: crypto.randomUUID(), change: 1, ...person };
}
