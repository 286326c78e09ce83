import type { Pool } from "../../../shared/adapters/postgres/pool.ts";

/** Those that are in this database: MongoDB or Kafka may stand in for some. */
export async function existing<T extends { readonly relation: string }>(
  pool: Pick<Pool, "query">,
  tables: readonly T[],
): Promise<readonly T[]> {
  // Not to_regclass, which is an error where a schema's use is not granted.
  const { rows } = await pool.query<{ name: string }>(
    `select case nspname when 'public' then relname else nspname || '.' || relname end as name
    from pg_class join pg_namespace n on n.oid = relnamespace where relkind = 'r'`,
  );
  const names = new Set(rows.map(({ name }) => name));
  return tables.filter(({ relation }) => names.has(relation));
}
