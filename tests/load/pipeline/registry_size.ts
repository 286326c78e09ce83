import { openEmbeddedStatisticsStore } from "../../../shared/adapters/embedded/statistics_store/statistics_store.ts";
import { migrate } from "../../../shared/adapters/postgres/migrate.ts";
import { openPool, type Pool } from "../../../shared/adapters/postgres/pool.ts";
import { generateKeys, type Keys, parseKeys } from "../../../shared/security/key_ring.ts";
import { REGISTRY } from "../../../workers/registration/migrations.ts";
import { openRepository } from "../../../workers/registration/repository.ts";
import { rebuildStatistics } from "../../../workers/statistics/rebuild/rebuild.ts";
import { Samples } from "../samples.ts";
import type { Context, Scenario } from "../scenario.ts";
import { register } from "./people.ts";
import { timed } from "./turn.ts";

/**
 * What a larger registry costs: registrations a second into it, and its statistics made anew, from rows of before sex
 * and cohort stood in clear and from rows as they are now. In the full run up to a million.
 */
export const registrySize: Scenario = {
  name: "registry-size",
  async run(context) {
    const samples = new Samples();
    const keys = parseKeys(generateKeys(new Date()));
    const pool = openPool(await context.servers.newDatabase(), {
      max: 4,
      name: "bench-registry",
      statementMs: 300_000,
    });
    try {
      await migrate(pool, REGISTRY);
      let rows = 0;
      for (const size of context.quick ? [30_000] : [10_000, 100_000, 1_000_000]) {
        await grow(context, samples, { pool, keys, rows, size });
        rows = size;
      }
    } finally {
      await pool.end();
    }
    return samples.rows();
  },
};

async function grow(context: Context, samples: Samples, { pool, keys, rows, size }: Growth): Promise<void> {
  const repository = openRepository(pool, keys);
  const last = 5_000;
  await register(repository, rows, size - last - rows, keys);
  await pool.query("truncate outbox");
  const of = size.toLocaleString("en");
  const inserted = await timed(context, ["postgres"], async () => {
    await register(repository, size - last, last, keys);
    return last;
  });
  const memory = await context.meter(pick(context)).memoryMb();
  samples.add(`registry of ${of}, insert`, "ours", { ...inserted, memoryMb: memory["postgres"] ?? 0 });
  // Full pages, as those of a table that was only ever inserted into.
  await pool.query("update penduduk set jenis_kelamin = null, kohort = null");
  await pool.query("vacuum full analyze penduduk");
  samples.add(`registry of ${of}, rebuild with fill-in`, "ours", await rebuild(context, pool, keys, size));
  samples.add(`registry of ${of}, rebuild`, "ours", await rebuild(context, pool, keys, size));
  context.say(`registry of ${of}: done`);
}

async function rebuild(context: Context, pool: Pool, keys: Keys, size: number) {
  const store = await openEmbeddedStatisticsStore(pool);
  try {
    const round = await timed(context, ["postgres"], () => {
      return rebuildStatistics({
        store,
        reader: pool,
        keeper: pool,
        columns: () => Promise.resolve(keys.columns),
        signal: context.signal,
      });
    });
    const { provinces } = await store.read();
    return { ...round, wrong: Math.abs(size - provinces.reduce((sum, { jumlah }) => sum + jumlah, 0)) };
  } finally {
    await store.close();
  }
}

function pick({ servers }: Context) {
  const { postgres } = servers.processes;
  return postgres === undefined ? {} : { postgres };
}

interface Growth {
  readonly pool: Pool;
  readonly keys: Keys;
  /** Registered so far. */
  readonly rows: number;
  /** To be reached. */
  readonly size: number;
}
