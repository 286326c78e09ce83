import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { type KodeProvinsi, parseKodeProvinsi, PROVINSI } from "../../shared/penduduk/provinsi.ts";
import {
  type CountableBatch,
  type CountableEvent,
  GenerationGivenUp,
  kohort,
  type RegistryCount,
  type StatisticsStore,
} from "../../shared/ports/statistics_store.ts";
import { bucketOf, PER } from "../../shared/ports/trend.ts";

/**
 * What every statistics store promises. A log delivers the records of one partition of one epoch in their order, and
 * goes back at will; deliveries here keep to that, for a store may lean on it.
 */
export function statisticsStoreContract(name: string, open: () => Promise<OpenStatisticsStores>): void {
  describe(`The statistics store in ${name}`, () => {
    let opened: OpenStatisticsStores;
    let store: StatisticsStore;
    // One database for all tests: each counts in a topic of its own and looks at what it added.
    let epoch: string;
    let earlier: Totals;

    before(async () => {
      opened = await open();
      store = opened.store;
    });
    after(async () => await opened.close());
    beforeEach(async () => {
      epoch = crypto.randomUUID();
      earlier = await totals(store);
    });

    const batch = (events: readonly CountableEvent[], partition = 0): CountableBatch => ({
      epoch,
      partition,
      events,
    });
    const added = async () => difference(await totals(store), earlier);

    it("has no provinces and no instant before the first event", async () => {
      assert.deepEqual(await store.read(), { provinces: [], asOf: undefined });
    });

    it("answers an empty batch without counting", async () => {
      assert.deepEqual(await store.apply(batch([])), { counted: 0, repeated: 0 });
      assert.deepEqual(await added(), {});
    });

    it("counts by province, sex, decade of birth, and hour and day of registration", async () => {
      const [hour, day] = [bucketOf("hour", NOW), bucketOf("day", NOW)];
      const events = numbered([
        { change: 1, kode: aceh, jenisKelamin: "laki-laki", tahunLahir: 1990, registeredAt: NOW },
        { change: 1, kode: aceh, jenisKelamin: "perempuan", tahunLahir: 1999, registeredAt: NOW },
        { change: 1, kode: aceh, jenisKelamin: "perempuan", tahunLahir: 2000, registeredAt: NOW },
        { change: 1, kode: papua, jenisKelamin: "laki-laki", tahunLahir: 1909, registeredAt: NOW },
      ]);
      assert.deepEqual(await store.apply(batch(events)), { counted: 4, repeated: 0 });
      assert.deepEqual(await added(), {
        "11 jumlah": 3,
        "11 laki-laki": 1,
        "11 perempuan": 2,
        "11 kohort 1990": 2,
        "11 kohort 2000": 1,
        "91 jumlah": 1,
        "91 laki-laki": 1,
        "91 kohort 1900": 1,
        [`11 hour ${hour}`]: 3,
        [`11 day ${day}`]: 3,
        [`91 hour ${hour}`]: 1,
        [`91 day ${day}`]: 1,
      });
    });

    it("names a sex without residents with a zero, and leaves out provinces without residents", async () => {
      await store.apply(
        batch(
          numbered([{
            change: 1,
            kode: bali,
            jenisKelamin: "perempuan",
            tahunLahir: 1985,
            registeredAt: NOW,
          }]),
        ),
      );
      const { provinces } = await store.read();
      assert.deepEqual(provinces.find(({ kode }) => kode === bali), {
        kode: bali,
        jumlah: 1,
        jenisKelamin: { "laki-laki": 0, perempuan: 1 },
        kohort: { "1980": 1 },
      });
      assert.ok(provinces.every(({ jumlah }) => jumlah > 0));
    });

    it("is back where it was when a registration and its cancellation are counted, together or apart", async () => {
      await store.apply(batch(some(3)));
      const [registered = assert.fail()] = some(1);
      const both = [registered, cancellationOf(registered, 1)];
      assert.deepEqual(await store.apply(batch(both, 1)), { counted: 2, repeated: 0 });
      assert.deepEqual(await added(), tally(some(3)));
      const [other = assert.fail()] = some(1);
      await store.apply(batch([other], 2));
      assert.deepEqual(await added(), tally(some(4)));
      await store.apply(batch([cancellationOf(other, 1)], 2));
      assert.deepEqual(await added(), tally(some(3)));
    });

    it("takes a cancellation off the province, the sex and the decade of its registration alone", async () => {
      const residents: Resident[] = [
        { change: 1, kode: aceh, jenisKelamin: "laki-laki", tahunLahir: 1990, registeredAt: NOW },
        { change: 1, kode: aceh, jenisKelamin: "perempuan", tahunLahir: 1999, registeredAt: NOW },
        { change: 1, kode: papua, jenisKelamin: "perempuan", tahunLahir: 1999, registeredAt: NOW },
      ];
      const [first = assert.fail(), ...others] = numbered(residents);
      await store.apply(batch([first, ...others, cancellationOf(first, 3)]));
      assert.deepEqual(await added(), tally(others));
    });

    it("tells a trend from a bucket on, and takes a cancellation off the hour of its registration", async () => {
      const hour = bucketOf("hour", NOW);
      const [old = assert.fail(), ...rest] = [50, 40, 40, 40].map((hours, offset): CountableEvent => ({
        ...resident(3),
        offset,
        id: crypto.randomUUID(),
        kode: gorontalo,
        registeredAt: new Date(NOW.getTime() - hours * HOUR_MS),
      }));
      await store.apply(batch([old, ...rest]));
      const [taken = assert.fail()] = rest;
      await store.apply(batch([cancellationOf(taken, 4)]));
      const ofGorontalo = async (first: number) =>
        (await store.readTrend("hour", first)).filter(({ kode }) => kode === gorontalo);
      assert.deepEqual(await ofGorontalo(hour - 49), [{
        kode: gorontalo,
        per: "hour",
        bucket: hour - 40,
        jumlah: 2,
      }]);
      assert.deepEqual(await ofGorontalo(hour - 39), []);
    });

    it("takes a cancellation off once, however often it or its registration comes again", async () => {
      const [registered = assert.fail()] = some(1);
      const both = [registered, cancellationOf(registered, 1)];
      await store.apply(batch(both));
      assert.deepEqual(await store.apply(batch(both)), { counted: 0, repeated: 2 });
      const again = both.map((event) => ({ ...event, offset: event.offset + 2 }));
      assert.deepEqual(await store.apply(batch(again)), { counted: 0, repeated: 2 });
      assert.deepEqual(await added(), {});
    });

    it("leaves a province and a decade out again when the last resident is cancelled, and says when", async () => {
      const [last, stays] = numbered([
        { change: 1, kode: maluku, jenisKelamin: "perempuan", tahunLahir: 1985, registeredAt: NOW },
        { change: 1, kode: maluku, jenisKelamin: "perempuan", tahunLahir: 1995, registeredAt: NOW },
      ]);
      assert.ok(last && stays);
      await store.apply(batch([last, stays]));
      await store.apply(batch([cancellationOf(last, 2)]));
      const ofMaluku = async () => (await store.read()).provinces.find(({ kode }) => kode === maluku);
      assert.deepEqual((await ofMaluku())?.kohort, { "1990": 1 });
      const before = (await store.read()).asOf ?? assert.fail("Expected an instant");
      await store.apply(batch([cancellationOf(stays, 3)]));
      assert.equal(await ofMaluku(), undefined);
      assert.ok(((await store.read()).asOf ?? assert.fail("Expected an instant")) >= before);
    });

    it("counts an event once that one batch holds twice", async () => {
      const twice = some(1).flatMap((event) => [event, { ...event, offset: 1 }]);
      assert.deepEqual(await store.apply(batch(twice)), { counted: 1, repeated: 1 });
      assert.equal((await added())["32 jumlah"], 1);
    });

    it("lets the first of two events with one id count", async () => {
      await store.apply(batch(some(1).flatMap((event) => [event, { ...event, offset: 1, kode: aceh }])));
      assert.deepEqual(await added(), tally(some(1)));
    });

    it("counts an event once that comes again under a new offset or in another partition", async () => {
      const events = some(3);
      await store.apply(batch(events));
      const again = events.map((event) => ({ ...event, offset: event.offset + 3 }));
      assert.deepEqual(await store.apply(batch(again)), { counted: 0, repeated: 3 });
      assert.deepEqual(await store.apply(batch(events, 1)), { counted: 0, repeated: 3 });
      assert.equal((await added())["32 jumlah"], 3);
    });

    it("counts a batch once that is delivered again whole", async () => {
      const events = some(50);
      await store.apply(batch(events));
      assert.deepEqual(await store.apply(batch(events)), { counted: 0, repeated: 50 });
      assert.equal((await added())["32 jumlah"], 50);
    });

    it("counts what is new in a batch that overlaps the last one", async () => {
      const events = some(30);
      await store.apply(batch(events.slice(0, 20)));
      assert.deepEqual(await store.apply(batch(events.slice(10))), { counted: 10, repeated: 10 });
      assert.equal((await added())["32 jumlah"], 30);
    });

    it("goes on counting when the topic was created anew and its offsets start again", async () => {
      const old = some(5);
      await store.apply(batch(old));
      epoch = crypto.randomUUID();
      assert.deepEqual(await store.apply(batch(some(5))), { counted: 5, repeated: 0 });
      assert.deepEqual(await store.apply(batch(old)), { counted: 0, repeated: 5 });
      assert.equal((await added())["32 jumlah"], 10);
    });

    it("moves its instant when a count moves, and only then", async () => {
      const events = some(1_000);
      await store.apply(batch(events.slice(0, 1)));
      const first = (await store.read()).asOf ?? assert.fail("Expected an instant after the first count");
      await store.apply(batch(events.slice(0, 1)));
      assert.deepEqual((await store.read()).asOf, first);
      // Two counts may fall into one millisecond, a thousand do not.
      let last = first;
      for (let i = 1; last <= first && i < events.length; i++) {
        await store.apply(batch(events.slice(i, i + 1)));
        last = (await store.read()).asOf ?? first;
      }
      assert.ok(last > first);
      assert.ok(Math.abs(last.getTime() - Date.now()) < 60_000);
    });

    it("counts once what two writers apply at the same time, as when a partition changes hands", async () => {
      const events = some(400);
      const deliveries = range(8).map((round) => batch(events.slice(0, 50 * (round + 1))));
      const applied = await Promise.all(
        deliveries.flatMap((delivery) => [store.apply(delivery), opened.second.apply(delivery)]),
      );
      assert.equal(applied.reduce((sum, { counted }) => sum + counted, 0), 400);
      assert.deepEqual(await store.apply(batch(events)), { counted: 0, repeated: 400 });
      assert.equal((await added())["32 jumlah"], 400);
    });

    // A writer may join what it applies at once, so that only two of them meet in the store.
    const writer = (i: number) => i % 2 === 0 ? store : opened.second;

    it("neither deadlocks nor loses counts when partitions count in the same provinces", async () => {
      // Of many sizes, since a planner orders small and large batches differently.
      const sizes = range(10).map((partition) => 20 + 60 * partition);
      for (const round of range(5)) {
        const deliveries = sizes.map((size, partition) => {
          const residents = range(size).map((i) => resident(i));
          if (partition % 2 === 1) residents.reverse();
          return batch(numbered(residents, round * size), partition);
        });
        const applied = await Promise.all(deliveries.map((delivery, i) => writer(i).apply(delivery)));
        assert.deepEqual(applied, sizes.map((counted) => ({ counted, repeated: 0 })));
      }
      assert.equal(residentsIn(await added()), 5 * sizes.reduce((sum, size) => sum + size, 0));
    });

    it("neither deadlocks nor loses counts when partitions hold the same events", async () => {
      for (const round of range(5)) {
        const events = numbered(range(300).map((i) => resident(i)));
        const backwards = events.toReversed();
        const deliveries = range(10).map((partition) => {
          const order = partition % 2 === 0 ? events : backwards;
          return batch(order.map((event, i) => ({ ...event, offset: round * 300 + i })), partition);
        });
        const applied = await Promise.all(deliveries.map((delivery, i) => writer(i).apply(delivery)));
        assert.equal(applied.reduce((sum, { counted }) => sum + counted, 0), 300);
      }
      assert.equal(residentsIn(await added()), 5 * 300);
    });

    it("counts each event once, whatever is delivered again, in which order and under which offset", async () => {
      await fc.assert(
        fc.asyncProperty(histories, async ({ logs, turns }) => {
          const start = await totals(store);
          epoch = crypto.randomUUID();
          const ids = range(DISTINCT_EVENTS).map(() => crypto.randomUUID());
          const counted = new Map<string, CountableEvent>();
          const heads = logs.map(() => 0);
          for (const { partition, back, length } of turns) {
            const log = logs[partition] ?? [];
            const from = Math.max(0, (heads[partition] ?? 0) - back);
            const events = log.slice(from, from + length).map((person, i) => ({
              ...(person < RESIDENTS
                ? resident(person)
                : { ...resident(person - RESIDENTS), change: -1 as const }),
              id: ids[person] ?? assert.fail(),
              offset: from + i,
            }));
            heads[partition] = Math.max(heads[partition] ?? 0, from + events.length);
            const fresh = new Set(events.map(({ id }) => id).filter((id) => !counted.has(id))).size;
            const expected = { counted: fresh, repeated: events.length - fresh };
            assert.deepEqual(await store.apply(batch(events, partition)), expected);
            for (const event of events) counted.set(event.id, event);
          }
          assert.deepEqual(difference(await totals(store), start), tally([...counted.values()]));
        }),
        { numRuns: 40 },
      );
    });

    it("serves the old counts until a generation is served, and then the registry and what came after it", async () => {
      await store.apply(batch(some(3)));
      const served = await totals(store);
      const generation = await store.startGeneration(100);
      const [early = assert.fail(), ...late] = some(4).map((event, i) => ({ ...event, seq: 100 + i }));
      await opened.second.apply(batch([{ ...early, offset: 10 }]));
      await store.apply(batch(late.map((event) => ({ ...event, offset: event.offset + 10 }))));
      assert.equal(
        (await store.read()).provinces.find(({ kode }) => kode === jawaBarat)?.jumlah,
        jumlah(served) + 4,
      );
      const bucket = bucketOf("day", NOW) - 3;
      const registry: RegistryCount = {
        residents: [{ kode: aceh, jenisKelamin: "laki-laki", kohort: 1990, jumlah: 285_000_000 }],
        trend: [{ kode: aceh, per: "day", bucket, jumlah: 5_000_000 }],
      };
      await store.serveGeneration(generation, registry);
      const rebuilt = {
        "11 jumlah": 285_000_000,
        "11 laki-laki": 285_000_000,
        "11 kohort 1990": 285_000_000,
        [`11 day ${bucket}`]: 5_000_000,
      };
      assert.deepEqual(await totals(opened.second), zeros({ ...rebuilt, ...tally(late) }));
      await opened.second.serveGeneration(generation, registry);
      assert.deepEqual(await totals(store), zeros({ ...rebuilt, ...tally(late) }));
    });

    it("counts an event up to the cut of the served generation never, one beyond it once", async () => {
      await store.serveGeneration(await store.startGeneration(50), NOBODY);
      const events = some(4).map((event, i) => ({ ...event, seq: 49 + i }));
      assert.deepEqual(await store.apply(batch(events)), { counted: 4, repeated: 0 });
      assert.deepEqual(await opened.second.apply(batch(events)), { counted: 0, repeated: 4 });
      assert.deepEqual(await totals(store), zeros(tally(events.slice(2))));
    });

    it("gives up a generation when another is begun, and keeps nothing of it", async () => {
      await store.serveGeneration(await store.startGeneration(0), NOBODY);
      const first = await store.startGeneration(10);
      const [event = assert.fail(), other = assert.fail()] = some(2);
      await store.apply(batch([{ ...event, seq: 11 }]));
      assert.equal(jumlah(await totals(store)), 1);
      const second = await opened.second.startGeneration(11);
      await assert.rejects(store.serveGeneration(first, NOBODY), GenerationGivenUp);
      await store.apply(batch([{ ...other, offset: 1, seq: 12 }]));
      await opened.second.serveGeneration(second, NOBODY);
      assert.equal(jumlah(await totals(store)), 1);
      await assert.rejects(store.serveGeneration(first, NOBODY), GenerationGivenUp);
    });

    it("loses and doubles nothing while events are counted by two writers and a generation is begun and served", async () => {
      for (const round of range(3)) {
        const events = numbered(range(600).map(resident)).map((event, i) => ({
          ...event,
          seq: 1_000 * round + i + 1,
        }));
        const known = events.slice(0, 300);
        const deliver = (from: number, to: number) =>
          range((to - from) / 20).flatMap((i) => {
            const first = from + 20 * i;
            const delivery = batch(events.slice(first, first + 20), first);
            return [store.apply(delivery), opened.second.apply(delivery)];
          });
        epoch = crypto.randomUUID();
        const started = store.startGeneration(1_000 * round + 300);
        await Promise.all([started, ...deliver(0, 200)]);
        const generation = await started;
        const counted = deliver(200, 600);
        await Promise.all([store.serveGeneration(generation, census(known)), ...counted]);
        assert.deepEqual(await totals(opened.second), zeros(tally(events)));
      }
    });

    it("holds the registry after a rebuild, whatever is delivered when and again", async () => {
      await fc.assert(
        fc.asyncProperty(rebuilds, async ({ size, known, phases }) => {
          await store.serveGeneration(await store.startGeneration(0), NOBODY);
          epoch = crypto.randomUUID();
          const events = numbered(range(size).map(resident)).map((event, i) => ({ ...event, seq: i + 1 }));
          const cut = Math.min(known, size);
          const logs = range(3).map((partition) =>
            events.filter((_, i) => i % 3 === partition).map((event, offset) => ({ ...event, offset }))
          );
          const heads = [0, 0, 0];
          const deliver = async (turns: readonly Turn[], upTo: number) => {
            for (const { partition, back, length } of turns) {
              const from = Math.max(0, (heads[partition] ?? 0) - back);
              const some = (logs[partition] ?? []).slice(from, from + length).filter(({ seq }) =>
                seq <= upTo
              );
              await store.apply(batch(some, partition));
              heads[partition] = Math.max(heads[partition] ?? 0, from + some.length);
            }
          };
          const delivered = () => logs.flatMap((log, partition) => log.slice(0, heads[partition]));
          await deliver(phases[0], cut);
          const generation = await store.startGeneration(cut);
          await deliver(phases[1], size);
          assert.deepEqual(await totals(store), zeros(tally(delivered())));
          await store.serveGeneration(generation, census(events.slice(0, cut)));
          const rest = () => delivered().filter(({ seq }) => seq > cut);
          assert.deepEqual(await totals(store), zeros(tally([...events.slice(0, cut), ...rest()])));
          await deliver(phases[2], size);
          for (const [partition, log] of logs.entries()) await store.apply(batch(log, partition));
          assert.deepEqual(await totals(store), zeros(tally(events)));
        }),
        { numRuns: 25 },
      );
    });

    it("answers the check while it can be reached", async () => {
      await store.check(AbortSignal.timeout(5_000));
      await assert.rejects(store.check(AbortSignal.abort(new Error("Too late"))), { message: "Too late" });
    });
  });
}

export interface OpenStatisticsStores {
  /** Empty at first. */
  readonly store: StatisticsStore;
  /** Another process' view of the same data. */
  readonly second: StatisticsStore;
  close(): Promise<void>;
}

type Resident = Omit<CountableEvent, "offset" | "id" | "seq">;
/** "32 perempuan" → residents. */
type Totals = Readonly<Record<string, number>>;

/** Those from here on are the cancellations of the ones before. */
const RESIDENTS = 20;
const DISTINCT_EVENTS = 2 * RESIDENTS;

/** Which events each partition holds, and what is read of them: `back` records before the furthest read, `length` on. */
const histories = fc.record({
  logs: fc.array(fc.array(fc.nat(DISTINCT_EVENTS - 1), { maxLength: 25 }), { minLength: 3, maxLength: 3 }),
  turns: fc.array(
    fc.record({ partition: fc.nat(2), back: fc.nat(12), length: fc.integer({ min: 1, max: 15 }) }),
    {
      maxLength: 12,
    },
  ),
});

const turns = fc.array(
  fc.record({ partition: fc.nat(2), back: fc.nat(5), length: fc.integer({ min: 1, max: 8 }) }),
  { maxLength: 5 },
);
type Turn = { readonly partition: number; readonly back: number; readonly length: number };

/** How many events there are, how many of them the registry shows, and what is delivered before, while and after. */
const rebuilds = fc.record({
  size: fc.integer({ min: 1, max: 40 }),
  known: fc.nat(40),
  phases: fc.tuple(turns, turns, turns),
});

/** Trends of long ago would be forgotten. */
const NOW = new Date();
const HOUR_MS = 3_600_000;

const aceh = kodeOf("11");
const jawaBarat = kodeOf("32");
const bali = kodeOf("51");
const gorontalo = kodeOf("75");
const maluku = kodeOf("81");
const papua = kodeOf("91");

function some(count: number): CountableEvent[] {
  return numbered(
    range(count).map(() => ({
      change: 1,
      kode: jawaBarat,
      jenisKelamin: "perempuan",
      tahunLahir: 1990,
      registeredAt: NOW,
    })),
  );
}

function cancellationOf(registered: CountableEvent, offset: number): CountableEvent {
  return { ...registered, offset, id: crypto.randomUUID(), change: -1 };
}

function numbered(residents: readonly Resident[], first = 0): CountableEvent[] {
  return residents.map((resident, i) => ({ ...resident, offset: first + i, id: crypto.randomUUID() }));
}

function resident(i: number): Resident {
  return {
    change: 1,
    kode: PROVINSI[i % PROVINSI.length]?.kode ?? assert.fail(),
    jenisKelamin: i % 2 === 0 ? "laki-laki" : "perempuan",
    tahunLahir: 1950 + i % 60,
    registeredAt: new Date(NOW.getTime() - i % 30 * HOUR_MS),
  };
}

async function totals(store: StatisticsStore): Promise<Totals> {
  const { provinces } = await store.read();
  const trends = await Promise.all(PER.map((per) => store.readTrend(per, 0)));
  return Object.fromEntries([
    ...provinces.flatMap(({ kode, jumlah, jenisKelamin, kohort }) => [
      [`${kode} jumlah`, jumlah],
      ...Object.entries(jenisKelamin).map(([sex, n]) => [`${kode} ${sex}`, n]),
      ...Object.entries(kohort).map(([decade, n]) => [`${kode} kohort ${decade}`, n]),
    ]),
    ...trends.flat().map(({ kode, per, bucket, jumlah }) => [`${kode} ${per} ${bucket}`, jumlah]),
  ]);
}

function tally(residents: readonly Resident[]): Totals {
  const counts = new Map<string, number>();
  for (const { change, kode, jenisKelamin, tahunLahir, registeredAt } of residents) {
    const trend = PER.map((per) => `${per} ${bucketOf(per, registeredAt)}`);
    for (const what of ["jumlah", jenisKelamin, `kohort ${kohort(tahunLahir)}`, ...trend]) {
      counts.set(`${kode} ${what}`, (counts.get(`${kode} ${what}`) ?? 0) + change);
    }
  }
  return Object.fromEntries([...counts].filter(([, n]) => n !== 0));
}

const NOBODY: RegistryCount = { residents: [], trend: [] };

/** What a registry counts that has seen these events alone. */
function census(events: readonly Resident[]): RegistryCount {
  return {
    residents: events.map(({ kode, jenisKelamin, tahunLahir, change }) => ({
      kode,
      jenisKelamin,
      kohort: Number(kohort(tahunLahir)),
      jumlah: change,
    })),
    trend: events.flatMap(({ kode, registeredAt, change }) =>
      PER.map((per) => ({ kode, per, bucket: bucketOf(per, registeredAt), jumlah: change }))
    ),
  };
}

/** As a store tells it, which names both sexes of a province that it names. */
function zeros(totals: Totals): Totals {
  const provinces = Object.keys(totals).filter((what) => what.endsWith(" jumlah")).map((what) =>
    what.slice(0, 2)
  );
  return {
    ...Object.fromEntries(provinces.flatMap((kode) => [[`${kode} laki-laki`, 0], [`${kode} perempuan`, 0]])),
    ...totals,
  };
}

/** In Jawa Barat. */
function jumlah(totals: Totals): number {
  return totals["32 jumlah"] ?? 0;
}

function difference(later: Totals, earlier: Totals): Totals {
  return Object.fromEntries(
    [...new Set([...Object.keys(earlier), ...Object.keys(later)])]
      .map((what) => [what, (later[what] ?? 0) - (earlier[what] ?? 0)] as const).filter(([, n]) => n !== 0),
  );
}

function residentsIn(added: Totals): number {
  return Object.entries(added).reduce((sum, [what, n]) => what.endsWith("jumlah") ? sum + n : sum, 0);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

function kodeOf(text: string): KodeProvinsi {
  return parseKodeProvinsi(text) ?? assert.fail(`Find no province "${text}"`);
}
