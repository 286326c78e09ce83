import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { migrate } from "../../../shared/adapters/postgres/migrate.ts";
import { PROVINSI } from "../../../shared/penduduk/provinsi.ts";
import { openTestDatabase, type TestDatabase } from "../../../tests/database.ts";
import { REGISTRY } from "../../registration/migrations.ts";
import { type ReconcileContext, reconcileStatistics, verdict } from "./reconcile.ts";
import { type RegistryCounts, registryCounts } from "./registry_counts.ts";

describe("reconcileStatistics", () => {
  it("never says anything wrong of a system that moves between its looks", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -3, max: 3 }), moves, async (off, moves) => {
        const system = new MovingSystem(off, moves);
        const drift = await system.reconcile(5);
        assert.ok(drift.low <= off && off <= drift.high, `${drift.low} to ${drift.high} leaves out ${off}`);
      }),
      { numRuns: 300 },
    );
  });

  it("says exactly by how much the counts are off once a look finds nothing on its way", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -3, max: 3 }), moves, async (off, moves) => {
        const system = new MovingSystem(off, moves);
        const drift = await system.reconcile(1_000);
        assert.deepEqual([drift.low, drift.high], [off, off]);
        assert.equal(verdict(drift), off === 0 ? "agrees" : "differs");
      }),
      // Two looks tell it together, while neither does alone.
      { numRuns: 200, examples: [[0, [[], ["register"], [], ["cancel", "relay"], ["count"], []]]] },
    );
  });

  it("reads both counts of a system at rest as they are", async () => {
    const system = new MovingSystem(2, []);
    system.registered = 3;
    system.cancelled = 1;
    const drift = await system.reconcile(1_000);
    assert.deepEqual([drift.registry, drift.statistics], [2, 2]);
  });

  it("leaves open what it cannot tell, as while an event waits for ever", async () => {
    const system = new MovingSystem(0, []);
    system.registered++;
    system.outbox++;
    const drift = await system.reconcile(3);
    assert.deepEqual([drift.registry, drift.statistics, drift.low, drift.high], [1, 0, -2, 0]);
    assert.equal(verdict(drift), "unknown");
  });
});

describe("registryCounts", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase();
    await migrate(database.pool, REGISTRY);
  });
  after(() => database.drop());

  it("counts who is registered and who was taken back by province, and what waits, with a reader's rights", async () => {
    assert.deepEqual(await registryCounts(database.as("reader")), { provinces: new Map(), outbox: 0 });
    await database.pool.query(
      `insert into penduduk (id, nik_index, key_id, nik, nama, alamat, kode_provinsi, created_at, created_by)
      select gen_random_uuid(), sha256(n::text::bytea), 'k', '', '', '', case when n < 3 then '11' else '32' end, now(), ''
      from generate_series(1, 5) as n`,
    );
    await database.pool.query(
      "insert into cancellation (id, kode_provinsi) values (gen_random_uuid(), '32')",
    );
    await database.pool.query(
      `insert into outbox (id, aggregatetype, aggregateid, type, payload)
      select gen_random_uuid(), 'penduduk', '', '', '' from generate_series(1, 6)`,
    );
    const { provinces, outbox } = await registryCounts(database.as("reader"));
    assert.deepEqual(provinces.get("11"), { registered: 2, cancelled: 0 });
    assert.deepEqual(provinces.get("32"), { registered: 4, cancelled: 1 });
    assert.equal(outbox, 6);
  });
});

/** What happens between one read and the next. */
const moves = fc.array(
  fc.array(fc.constantFrom("register", "cancel", "relay", "count"), { maxLength: 4 }),
  { maxLength: 30 },
);

/** One province, whose counts are off from the beginning; each read of it is followed by moves, as long as there are any. */
class MovingSystem {
  registered = 0;
  cancelled = 0;
  outbox = 0;
  readonly #off: number;
  readonly #moves: (readonly string[])[];
  readonly #log: number[] = [];
  readonly #waiting: number[] = [];
  #counted = 0;

  constructor(off: number, moves: readonly (readonly string[])[]) {
    this.#off = off;
    this.#moves = [...moves];
  }

  async reconcile(looks: number) {
    let clock = 0;
    const kode = PROVINSI[0]?.kode ?? assert.fail();
    const context: ReconcileContext = {
      registry: () => this.#read(this.#registry(kode)),
      eventLog: { lag: () => this.#read([{ partition: 0, lag: this.#log.length }]) },
      store: {
        read: () =>
          this.#read({
            provinces: [{
              kode,
              jumlah: this.#counted + this.#off,
              jenisKelamin: { "laki-laki": 0, perempuan: 0 },
              kohort: {},
            }],
            asOf: undefined,
          }),
      },
      waitMs: looks,
      now: () => clock++,
      pauseMs: 0,
      signal: AbortSignal.timeout(10_000),
    };
    const drifts = await reconcileStatistics(context);
    return drifts.find((drift) => drift.kode === kode) ?? assert.fail();
  }

  #registry(kode: string): RegistryCounts {
    const { registered, cancelled, outbox } = this;
    return { provinces: new Map([[kode, { registered, cancelled }]]), outbox };
  }

  #read<T>(answer: T): Promise<T> {
    const moves = this.#moves.shift();
    for (const move of moves ?? ["relay", "count"]) this.#move(move);
    return Promise.resolve(answer);
  }

  #move(move: string): void {
    if (move === "register") {
      this.registered++;
      this.#add(1);
    }
    if (move === "cancel" && this.cancelled < this.registered) {
      this.cancelled++;
      this.#add(-1);
    }
    const relayed = move === "relay" ? this.#waiting.shift() : undefined;
    if (relayed !== undefined) {
      this.outbox--;
      this.#log.push(relayed);
    }
    if (move === "count") this.#counted += this.#log.shift() ?? 0;
  }

  #add(change: number): void {
    this.outbox++;
    this.#waiting.push(change);
  }
}
