import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import { openEmbeddedStatisticsStore } from "../../../shared/adapters/embedded/statistics_store/statistics_store.ts";
import { migrate } from "../../../shared/adapters/postgres/migrate.ts";
import { parsePenduduk } from "../../../shared/penduduk/penduduk.ts";
import { parseNik } from "../../../shared/penduduk/nik.ts";
import { PROVINSI } from "../../../shared/penduduk/provinsi.ts";
import { kohort, type StatisticsStore } from "../../../shared/ports/statistics_store.ts";
import { PER } from "../../../shared/ports/trend.ts";
import { generateKeys, type Keys, parseKeys } from "../../../shared/security/key_ring.ts";
import { openTestDatabase, type TestDatabase } from "../../../tests/database.ts";
import { FakeEventLog } from "../../../tests/fakes/event_log.ts";
import { cancelRegistration } from "../../registration/cancellation.ts";
import { REGISTRY } from "../../registration/migrations.ts";
import { createRegistrar, type Registrar } from "../../registration/registrar.ts";
import { openRepository, type Repository } from "../../registration/repository.ts";
import { createRelay, type Relay } from "../../relay/relay.ts";
import { statisticsConsumer } from "../consumer.ts";
import { cutRegistry } from "./cut.ts";
import { type RebuildContext, type RebuildProgress, rebuildStatistics } from "./rebuild.ts";

describe("rebuildStatistics", () => {
  let database: TestDatabase;
  let keys: Keys;
  let repository: Repository;
  let registrar: Registrar;
  let relay: Relay;
  let eventLog: FakeEventLog;
  let store: StatisticsStore;
  let people: number;

  before(async () => {
    database = await openTestDatabase();
    await migrate(database.pool, REGISTRY);
    keys = parseKeys(generateKeys(new Date()));
    repository = openRepository(database.as("registration"), keys);
    registrar = createRegistrar({ repository, keys });
    store = await openEmbeddedStatisticsStore(database.as("statistics"));
  });
  after(async () => {
    await store.close();
    await database.drop();
  });
  beforeEach(async () => {
    await database.pool.query(
      "truncate penduduk, cancellation, outbox, statistics_counter, statistics_ledger, statistics_trend",
    );
    eventLog = new FakeEventLog();
    relay = createRelay({ url: database.urlAs("relay"), eventLog });
    await statisticsConsumer({
      eventLog,
      store,
      deadLetters: { send: () => assert.fail("Expect no poison") },
    })
      .start();
    people = 0;
  });
  afterEach(() => relay.stop());

  const rebuild = (more: Partial<RebuildContext> = {}) =>
    rebuildStatistics({
      store,
      reader: database.as("reader"),
      keeper: database.as("keys"),
      columns: () => Promise.resolve(keys.columns),
      signal: AbortSignal.timeout(30_000),
      ...more,
    });
  const count = () => eventLog.deliver("pendaftaran-events", "statistics-group");
  const catchUp = async () => {
    await relay.processAll();
    await count();
  };

  it("counts what the registry holds, whatever was counted before", async () => {
    await register(40);
    await catchUp();
    await database.pool.query("update statistics_counter set jumlah = jumlah + 7");
    await database.pool.query("delete from statistics_counter where kode < '20'");
    assert.equal(await rebuild(), 40);
    assert.deepEqual((await store.read()).provinces, await census());
    await register(5);
    await catchUp();
    assert.deepEqual((await store.read()).provinces, await census());
  });

  it("counts once what is registered, taken back, relayed, counted and delivered again while it runs", async () => {
    const stop = new AbortController();
    const load = underLoad(stop.signal);
    // On a busy machine it takes more rounds until there was a load.
    for (let round = 0; round < 4 || people <= 200 && round < 100; round++) {
      await database.pool.query("update statistics_counter set jumlah = jumlah + 1");
      await rebuild();
    }
    stop.abort();
    await load;
    await catchUp();
    assert.ok(people > 200, `${people} people are too few for a load`);
    assert.deepEqual((await store.read()).provinces, await census());
    eventLog.rewind("pendaftaran-events", "statistics-group");
    await count();
    assert.deepEqual((await store.read()).provinces, await census());
  });

  it("fills the trends with what the events had counted, and leaves out whom no trend reaches", async () => {
    const [first = assert.fail()] = await register(40);
    await cancelRegistration({ repository, id: first, traceparent: TRACE, now: new Date() });
    await catchUp();
    const trends = async () =>
      (await Promise.all(PER.map((per) => store.readTrend(per, 0)))).map((counts) =>
        counts.toSorted((a, b) => a.kode < b.kode ? -1 : 1)
      );
    const counted = await trends();
    assert.deepEqual(counted.map((counts) => counts.reduce((sum, { jumlah }) => sum + jumlah, 0)), [39, 39]);
    await database.pool.query("update statistics_trend set jumlah = jumlah + 7");
    assert.equal(await rebuild(), 39);
    assert.deepEqual(await trends(), counted);
    await database.pool.query("update penduduk set created_at = created_at - interval '91 days'");
    await rebuild();
    assert.deepEqual(await trends(), [[], []]);
  });

  it("leaves out of the new counts no event that waits in the outbox, and counts none of them again", async () => {
    await register(20);
    assert.equal(await rebuild(), 20);
    assert.deepEqual((await store.read()).provinces, await census());
    await catchUp();
    assert.deepEqual((await store.read()).provinces, await census());
  });

  it("leaves the old counts when it ends on the way, and the next one counts as if it had not been", async () => {
    await register(20);
    await catchUp();
    await database.pool.query("update statistics_counter set jumlah = jumlah + 1 where kode = '11'");
    const wrong = await store.read();
    await assert.rejects(
      rebuild({
        onProgress() {
          throw new Error("Killed");
        },
      }),
      { message: "Killed" },
    );
    assert.deepEqual(await store.read(), wrong);
    await register(20);
    await catchUp();
    assert.notDeepEqual((await store.read()).provinces, await census());
    assert.equal(await rebuild(), 40);
    assert.deepEqual((await store.read()).provinces, await census());
  });

  it("fills in sex and cohort where rows are from before they stood in clear", async () => {
    await register(30);
    await catchUp();
    await database.pool.query(
      "update penduduk set jenis_kelamin = null, kohort = null where kode_provinsi < '60'",
    );
    const seen: RebuildProgress[] = [];
    assert.equal(await rebuild({ onProgress: (progress) => seen.push(progress) }), 30);
    assert.deepEqual((await store.read()).provinces, await census());
    assert.ok(seen.some(({ step, records }) => step === "filling in" && records > 0 && records < 30));
    const { rows } = await database.pool.query(
      "select from penduduk where kohort is null or jenis_kelamin is null",
    );
    assert.equal(rows.length, 0);
  });

  it("gives way to registrations while somebody else holds the registry, and cuts it later", async () => {
    const holder = await database.pool.connect();
    await holder.query("begin");
    await holder.query("lock table penduduk in row exclusive mode");
    const cut = cutRegistry({
      holder: database.as("keys"),
      reader: database.as("reader"),
      whileHeld: (seq) => Promise.resolve(seq),
      signal: AbortSignal.timeout(20_000),
    });
    await register(10);
    await holder.query("commit");
    holder.release();
    const { result, snapshot, end } = await cut;
    const seen = await snapshot.query("select from penduduk");
    end();
    const numbered = await database.pool.query("select from outbox where seq <= $1", [result]);
    assert.equal(seen.rowCount, numbered.rowCount);
  });

  it("makes no cut, and lets registrations go on, when the store does not answer while they are held", async () => {
    await assert.rejects(
      cutRegistry({
        holder: database.as("keys"),
        reader: database.as("reader"),
        whileHeld: async () => {
          await register(1);
          return "only once the server has let go";
        },
        signal: AbortSignal.timeout(20_000),
        holdMs: 300,
      }),
    );
    assert.equal(people, 1);
  });

  async function register(more: number): Promise<readonly string[]> {
    const outcomes = await Promise.all(Array.from({ length: more }, async () => {
      const parsed = parsePenduduk(person(people++), new Date());
      assert.ok(parsed.kind !== "invalid");
      const request = { ...parsed, idempotencyKey: undefined, registrar: "sub-petugas", traceparent: TRACE };
      return await registrar.register(request, AbortSignal.timeout(20_000));
    }));
    return outcomes.map((outcome) => outcome.kind === "registered" ? outcome.id : assert.fail(outcome.kind));
  }

  async function underLoad(stop: AbortSignal): Promise<void> {
    const work = async () => {
      while (!stop.aborted) {
        const [id = assert.fail()] = await register(8);
        await cancelRegistration({ repository, id, traceparent: TRACE, now: new Date() });
      }
    };
    const move = async () => {
      for (let turn = 0; !stop.aborted; turn++) {
        await catchUp();
        if (turn % 5 === 4) eventLog.rewind("pendaftaran-events", "statistics-group");
      }
    };
    await Promise.all([work(), work(), move()]);
  }

  /** What the statistics must say, by the encrypted NIKs and not by what stands in clear beside them. */
  async function census() {
    const { rows } = await database.pool.query<{ id: string }>("select id from penduduk");
    const stored = await Promise.all(rows.map(async ({ id }) => await repository.find(id) ?? assert.fail()));
    const provinces = Map.groupBy(stored, ({ kode }) => kode);
    return [...provinces].toSorted(([a], [b]) => a < b ? -1 : 1).map(([kode, residents]) => {
      const facts = residents.map(({ nik, createdAt }) => {
        const parsed = parseNik(nik, createdAt);
        return parsed.kind === "invalid" ? assert.fail() : parsed;
      });
      const women = facts.filter(({ jenisKelamin }) => jenisKelamin === "perempuan").length;
      const cohorts = Map.groupBy(facts, ({ tahunLahir }) => kohort(tahunLahir));
      return {
        kode,
        jumlah: residents.length,
        jenisKelamin: { "laki-laki": residents.length - women, perempuan: women },
        kohort: Object.fromEntries([...cohorts].map(([decade, born]) => [decade, born.length])),
      };
    });
  }
});

/** Person number `n`, who does not exist: serials from 9990 on are never issued. */
function person(n: number) {
  const kode = PROVINSI[n % PROVINSI.length]?.kode ?? assert.fail();
  const day = String(1 + n % 28 + 40 * (n % 2)).padStart(2, "0");
  const month = String(1 + Math.floor(n / 28) % 12).padStart(2, "0");
  const year = String(Math.floor(n / 7) % 100).padStart(2, "0");
  const serial = 9990 + Math.floor(n / 33_600);
  return {
    nik: `${kode}0101${day}${month}${year}${serial}`,
    nama: "Orang Karangan",
    alamat: "Jalan Rekaan",
    provinsi: kode,
  };
}

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
