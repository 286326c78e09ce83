import { type Generation, GenerationGivenUp, type RegistryCount } from "../../../ports/statistics_store.ts";
import { type Pool, type PoolClient, withTransaction } from "../../postgres/pool.ts";

/** Begins counts in `statistics_counter_next`, where `apply` moves them along. */
export async function startGeneration(pool: Pool, cut: number): Promise<Generation> {
  return await withTransaction(pool, async (client) => {
    // An event that is just being counted in the generation that is given up must not come into the new one.
    await client.query(
      "lock table statistics_counter_next, statistics_trend_next in share row exclusive mode",
    );
    await client.query("delete from statistics_counter_next");
    await client.query("delete from statistics_trend_next");
    await client.query("delete from statistics_generation where state = 'next'");
    const { rows: [row] } = await client.query<{ id: string }>(
      "insert into statistics_generation (state, cut) values ('next', $1) returning id",
      [cut],
    );
    return Number(row?.id);
  });
}

/**
 * The new counts take the place of the old ones in one transaction. The tables are locked, so that each event is counted
 * wholly before or wholly after.
 */
export async function serveGeneration(
  pool: Pool,
  generation: Generation,
  { residents, trend }: RegistryCount,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    await client.query(LOCK);
    const state = await stateOf(client, generation);
    if (state === undefined) throw new GenerationGivenUp();
    // Served by an attempt whose answer was lost.
    if (state === "served") return;
    // Not deleted: nobody has the right to take a count away. Those that stay at zero are left out by who reads.
    await client.query("update statistics_counter set jumlah = 0, moved_at = clock_timestamp()");
    await client.query(FILL, [
      residents.map(({ kode }) => kode),
      residents.map(({ jenisKelamin }) => jenisKelamin),
      residents.map(({ kohort }) => kohort),
      residents.map(({ jumlah }) => jumlah),
    ]);
    await client.query("delete from statistics_trend");
    await client.query(FILL_TREND, [
      trend.map(({ kode }) => kode),
      trend.map(({ per }) => per),
      trend.map(({ bucket }) => bucket),
      trend.map(({ jumlah }) => jumlah),
    ]);
    await client.query("delete from statistics_counter_next");
    await client.query("delete from statistics_trend_next");
    await client.query("delete from statistics_generation where state = 'served'");
    await client.query("update statistics_generation set state = 'served' where state = 'next'");
  });
}

async function stateOf(client: PoolClient, generation: Generation): Promise<"served" | "next" | undefined> {
  const { rows: [row] } = await client.query<{ state: "served" | "next" }>(
    "select state from statistics_generation where id = $1",
    [generation],
  );
  return row?.state;
}

// In the order in which the statement that counts takes them.
const LOCK = `
  lock table statistics_counter, statistics_counter_next, statistics_trend, statistics_trend_next
  in share row exclusive mode`;

const FILL = `
  insert into statistics_counter (kode, jenis_kelamin, kohort, jumlah, moved_at)
  select kode, jenis_kelamin, kohort, sum(jumlah), clock_timestamp()
  from (
    select kode, jenis_kelamin, kohort, jumlah from statistics_counter_next
    union all
    select * from unnest($1::text[], $2::text[], $3::smallint[], $4::bigint[])
  ) as counted (kode, jenis_kelamin, kohort, jumlah)
  group by kode, jenis_kelamin, kohort
  on conflict (kode, jenis_kelamin, kohort) do update set jumlah = excluded.jumlah, moved_at = excluded.moved_at`;

const FILL_TREND = `
  insert into statistics_trend (kode, per, bucket, jumlah)
  select kode, per, bucket, sum(jumlah)
  from (
    select kode, per, bucket, jumlah from statistics_trend_next
    union all
    select * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[])
  ) as counted (kode, per, bucket, jumlah)
  group by kode, per, bucket`;
