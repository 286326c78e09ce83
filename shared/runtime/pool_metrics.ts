import type { Pool } from "../adapters/postgres/pool.ts";
import type { Metrics } from "../telemetry/metrics.ts";

/** How the connections of each pool are used, and who waits for one. */
export function observePools(metrics: Metrics, pools: ReadonlyMap<string, Pool>): void {
  const read = (values: (pool: Pool) => Readonly<Record<string, number>>) => () =>
    [...pools].flatMap(([name, pool]) =>
      Object.entries(values(pool)).map(([state, value]) => ({ labels: { pool: name, state }, value }))
    );
  metrics.gauges(
    "postgres_pool_connections",
    "Connections of a pool by what they do; waiting are those who want one",
    ["pool", "state"],
    read(({ totalCount, idleCount, waitingCount }) => {
      return { busy: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
    }),
  );
}
