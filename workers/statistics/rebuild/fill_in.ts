import { readingKeys } from "../../../shared/adapters/postgres/encryption.ts";
import { withTransaction } from "../../../shared/adapters/postgres/pool.ts";
import { parseNik } from "../../../shared/penduduk/nik.ts";
import { kohort } from "../../../shared/ports/statistics_store.ts";
import { KeyUnknown } from "../../../shared/security/key_ring.ts";
import type { RebuildContext } from "./rebuild.ts";

/**
 * Writes sex and cohort into the rows from before they stood in clear, as the NIK says them. A page of ids after the
 * other, each in a transaction of its own: killed anywhere, the next run goes on with what is left.
 */
export async function fillIn(
  { keeper, columns, signal, onProgress = () => {} }: Omit<RebuildContext, "store" | "reader">,
): Promise<void> {
  const keys = readingKeys(await columns());
  let records = 0;
  for (let after: string | undefined = FIRST; after !== undefined;) {
    signal.throwIfAborted();
    const last: string | undefined = await withTransaction(keeper, async (client) => {
      // Locked in the order of the ids, as all do that lock several.
      const { rows } = await client.query<UncountedRow>(PAGE, [after, PAGE_ROWS, ...keys]);
      const facts = rows.map(factsOf);
      await client.query(FILL, [
        rows.map(({ id }) => id),
        facts.map(({ jenisKelamin }) => jenisKelamin),
        facts.map(({ tahunLahir }) => kohort(tahunLahir)),
      ]);
      records += rows.length;
      return rows.at(-1)?.id;
    });
    onProgress({ step: "filling in", records });
    after = last;
  }
}

/** As of the day of the registration, as its event counted it. */
function factsOf({ id, nik, created_at, key_id }: UncountedRow) {
  if (nik === null) throw new KeyUnknown("columns", key_id);
  const parsed = parseNik(nik, created_at);
  if (parsed.kind === "invalid") throw new Error(`Registry holds a NIK without a birth date in row "${id}"`);
  return parsed;
}

interface UncountedRow {
  readonly id: string;
  /** Null when none of the keys has the row's id. */
  readonly nik: string | null;
  readonly created_at: Date;
  readonly key_id: string;
}

const FIRST = "00000000-0000-0000-0000-000000000000";
const PAGE_ROWS = 2_000;
const PAGE = `
  with page as materialized (
    select id, nik, created_at, key_id from penduduk where id > $1 and kohort is null order by id limit $2 for update
  )
  select page.id, pgp_sym_decrypt(nik, k.key) as nik, created_at, key_id
  from page left join unnest($3::text[], $4::text[]) as k (id, key) on k.id = page.key_id
  order by page.id`;
const FILL = `
  update penduduk set jenis_kelamin = filled.jenis_kelamin, kohort = filled.kohort
  from unnest($1::uuid[], $2::text[], $3::smallint[]) as filled (id, jenis_kelamin, kohort)
  where penduduk.id = filled.id`;
