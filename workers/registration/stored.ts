import { readingKeys } from "../../shared/adapters/postgres/encryption.ts";
import type { Pool } from "../../shared/adapters/postgres/pool.ts";
import { isNik, type Nik } from "../../shared/penduduk/nik.ts";
import { type KodeProvinsi, parseKodeProvinsi } from "../../shared/penduduk/provinsi.ts";
import { type Warning, warning, WARNING_CODES } from "../../shared/penduduk/warning.ts";
import { findKey, type KeyRing, KeyUnknown } from "../../shared/security/key_ring.ts";

/** Reads a person of the registry. Rejects with `KeyUnknown` when the row is under a key that is not in the ring. */
export async function findStored(
  pool: Pick<Pool, "query">,
  columns: KeyRing,
  id: string,
): Promise<StoredPenduduk | undefined> {
  const [found] = await readSealed(columns, async (keys) => {
    const values = [id, ...keys];
    return (await pool.query<StoredRow>({ name: "registration-find", text: FIND, values })).rows;
  });
  return found && toStored(found);
}

/** Reads what a registrar has registered; as `findStored`. */
export async function readOwn(
  pool: Pick<Pool, "query">,
  columns: KeyRing,
  registrar: string,
  { since, until, before, kode, limit }: OwnQuery,
): Promise<OwnRegistrations> {
  const period = [registrar, idFrom(since), until === undefined ? LAST_ID : idFrom(until), kode ?? null];
  const rows = await readSealed(columns, async (keys) => {
    const values = [...period, before ?? LAST_ID, limit, ...keys];
    return (await pool.query<SealedRow>({ name: "registration-own", text: OWN, values })).rows;
  });
  const counted = await pool.query<{ jumlah: number }>({
    name: "registration-own-count",
    text: COUNT_OWN,
    values: period,
  });
  return { jumlah: counted.rows[0]?.jumlah ?? 0, registrations: rows.map(toOwn) };
}

export interface StoredPenduduk {
  readonly id: string;
  readonly nik: Nik;
  readonly nama: string;
  readonly alamat: string;
  readonly kode: KodeProvinsi;
  readonly warnings: readonly Warning[];
  readonly createdAt: Date;
  readonly createdBy: string;
}

export interface OwnQuery {
  readonly since: Date;
  /** Exclusive; without it there is no end. */
  readonly until: Date | undefined;
  /** Only what was registered before the one of this id. */
  readonly before: string | undefined;
  /** Only in this province. */
  readonly kode: KodeProvinsi | undefined;
  readonly limit: number;
}

export interface OwnRegistrations {
  /** Of the whole period. */
  readonly jumlah: number;
  readonly registrations: readonly OwnRegistration[];
}

export type OwnRegistration = Pick<StoredPenduduk, "id" | "nik" | "nama" | "kode" | "createdAt">;

/** A row under a key that this process has not read yet is read once more, after it has. */
async function readSealed<R extends SealedRow>(
  columns: KeyRing,
  read: (keys: ReturnType<typeof readingKeys>) => Promise<readonly R[]>,
): Promise<readonly R[]> {
  const rows = await read(readingKeys(columns));
  const sealed = rows.filter(({ nik }) => nik === null);
  if (sealed.length === 0) return rows;
  for (const { key_id } of sealed) {
    if (!findKey(columns, key_id)) throw new KeyUnknown("columns", key_id);
  }
  return await read(readingKeys(columns));
}

function toStored(row: StoredRow): StoredPenduduk {
  const { alamat } = row;
  if (alamat === null) throw new KeyUnknown("columns", row.key_id);
  return {
    ...toOwn(row),
    alamat,
    warnings: WARNING_CODES.filter((code) => row.warnings.includes(code)).map(warning),
    createdBy: row.created_by,
  };
}

function toOwn(row: SealedRow): OwnRegistration {
  const kode = parseKodeProvinsi(row.kode);
  if (!kode) throw new Error(`Registry holds the unknown province "${row.kode}"`);
  const { id, nik, nama, created_at: createdAt } = row;
  if (nik === null || nama === null) throw new KeyUnknown("columns", row.key_id);
  if (!isNik(nik)) throw new Error(`Registry holds no NIK in row "${id}"`);
  return { id, nik, nama, kode, createdAt };
}

/** The first that an id can be of whoever is registered at the instant: the registrar gives UUIDv7 of that time. */
function idFrom(instant: Date): string {
  const digits = Math.max(0, instant.getTime()).toString(16).padStart(12, "0");
  return `${digits.slice(0, 8)}-${digits.slice(8)}-0000-0000-000000000000`;
}

const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

interface SealedRow {
  readonly id: string;
  /** These are null when none of the keys has the row's id. */
  readonly nik: string | null;
  readonly nama: string | null;
  readonly kode: string;
  readonly created_at: Date;
  readonly key_id: string;
}

interface StoredRow extends SealedRow {
  readonly alamat: string | null;
  readonly warnings: readonly string[];
  readonly created_by: string;
}

const FIND = `
select penduduk.id, pgp_sym_decrypt(nik, k.key) as nik, pgp_sym_decrypt(nama, k.key) as nama,
       pgp_sym_decrypt(alamat, k.key) as alamat, kode_provinsi as kode, warnings, created_at, created_by, key_id
from penduduk left join unnest($2::text[], $3::text[]) as k (id, key) on k.id = penduduk.key_id
where penduduk.id = $1`;

const PERIOD = `
  from penduduk where created_by = $1 and id >= $2 and id < $3 and ($4::text is null or kode_provinsi = $4)`;

// The limit first, so that no more than the page is decrypted.
const OWN = `
with page as materialized (select * ${PERIOD} and id < $5 order by id desc limit $6)
select page.id, pgp_sym_decrypt(nik, k.key) as nik, pgp_sym_decrypt(nama, k.key) as nama, kode_provinsi as kode,
       created_at, key_id
from page left join unnest($7::text[], $8::text[]) as k (id, key) on k.id = page.key_id
order by page.id desc`;

const COUNT_OWN = `select count(*)::int as jumlah ${PERIOD}`;
