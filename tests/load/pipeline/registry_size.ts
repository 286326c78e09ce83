import { openEmbeddedStatisticsStore } from "../../../shared/adapters/embedded/statistics_store/statistics_store.ts";
import { migrate } from "../../../shared/adapters/postgres/migrate.ts";
import { openPool, type Pool } from "../../../shared/adapters/postgres/pool.ts";
import { generateKeys, type Keys, parseKeys } from "../../../shared/security/key_ring.ts";
import { REGISTRY } from "../../../workers/registration/migrations.ts";
import { openRepository } from "../../../workers/registration/repository.ts";
import { rebuildStatistics } from "../../../workers/statistics/rebuild/rebuild.ts";
import type { Context, Scenario } from "../scenario.ts";
import { fill, register } from "./people.ts";
import { timed } from "./turn.ts";

/**
 * What a larger registry costs: registrations a second into it, and its statistics made anew, from rows of before sex
 * and cohort stood in clear and from rows as they are now. In the full run up to a million.
 */
export const registrySize: Scenario = {
  name: "registry-size",
  quick: { rounds: 1, each: 8, once: 0 },
  full: { rounds: 1, each: 80, once: 0 },
  async run(context) {
    for (const size of context.quick ? [30_000] : [10_000, 100_000, 1_000_000]) {
      const pool = openPool(await context.servers.newDatabase(), {
        ...{ max: 4, name: "bench-registry", statementMs: 300_000 },
      });
      try {
        await migrate(pool, REGISTRY);
        await measure(context, pool, size);
      } finally {
        await pool.end();
      }
    }
  },
};

async function measure(context: Context, pool: Pool, size: number): Promise<void> {
  const { samples, servers, meter, say } = context;
  const keys = parseKeys(generateKeys(new Date()));
  const of = size.toLocaleString("en");
  const last = Math.min(5_000, size / 2);
  await fill(pool, size - last, keys, context.signal);
  const repository = openRepository(pool, keys);
  const inserted = await timed(context, ["postgres"], async () => {
    await register(repository, size - last, last, keys);
    return last;
  });
  const { postgres = 0 } = await meter({ postgres: servers.processes["postgres"] ?? 0 }).memoryMb();
  samples.add(`registry of ${of}, insert`, "ours", { ...inserted, memoryMb: postgres });
  for (const what of ["rebuild with fill-in", "rebuild"]) {
    samples.add(`registry of ${of}, ${what}`, "ours", await rebuild(context, pool, keys, size));
  }
  say(`registry of ${of}: ${Math.round(inserted.perSecond)} more a second`);
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
