import type { Pool } from "../../../shared/adapters/postgres/pool.ts";

/** What the registry and its outbox hold at one moment. Reads whole tables; needs the rights of the role "reader". */
export async function registryCounts(reader: Pick<Pool, "query">): Promise<RegistryCounts> {
  const { rows } = await reader.query<CountRow>(COUNT);
  return {
    provinces: new Map(
      rows.flatMap(({ kode, registered, cancelled }) =>
        kode === null ? [] : [[kode, { registered, cancelled }]]
      ),
    ),
    outbox: rows.reduce((sum, { outbox }) => sum + outbox, 0),
  };
}

export interface RegistryCounts {
  /** By province code: all that were ever registered, and those of them that were taken back. */
  readonly provinces: ReadonlyMap<string, { readonly registered: number; readonly cancelled: number }>;
  /** Events that are not yet in the log, parked ones too. */
  readonly outbox: number;
}

interface CountRow {
  /** Null in the row of the outbox. */
  readonly kode: string | null;
  readonly registered: number;
  readonly cancelled: number;
  readonly outbox: number;
}

// One statement, hence one snapshot.
const COUNT = `
  select kode, sum(registered)::float8 as registered, sum(cancelled)::float8 as cancelled, sum(outbox)::float8 as outbox
  from (
    select kode_provinsi as kode, count(*) as registered, 0 as cancelled, 0 as outbox from penduduk group by 1
    union all
    select kode_provinsi, count(*), count(*), 0 from cancellation group by 1
    union all
    select null, 0, 0, count(*) from (select seq from outbox) as waiting
  ) as counted group by kode`;
