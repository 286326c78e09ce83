import pLimit from "p-limit";
import { v7 } from "uuid";
import { CIPHER, writingKey } from "../../../shared/adapters/postgres/encryption.ts";
import type { Pool } from "../../../shared/adapters/postgres/pool.ts";
import { PROVINSI } from "../../../shared/penduduk/provinsi.ts";
import type { Keys } from "../../../shared/security/key_ring.ts";
import type { NewRow, Repository } from "../../../workers/registration/repository.ts";
import { eventValue, TRACEPARENT } from "./events.ts";

/** Registers people of these numbers, as the origin's batches do: fifty at once, on two lanes. */
export async function register(
  repository: Repository,
  first: number,
  count: number,
  keys: Keys,
): Promise<void> {
  let next = first;
  const lane = async () => {
    while (next < first + count) {
      const from = next;
      next += TOGETHER;
      const rows = Array.from(
        { length: Math.min(TOGETHER, first + count - from) },
        (_, i) => person(from + i, keys),
      );
      const outcomes = await repository.insert(rows);
      if (outcomes.some(({ kind }) => kind !== "inserted")) throw new Error("Expect every person to be new");
    }
  };
  await Promise.all([lane(), lane()]);
}

/** Writes people of the numbers from 0 on, as old versions left them: without sex and cohort in clear. */
export async function fill(pool: Pool, count: number, keys: Keys, signal: AbortSignal): Promise<void> {
  const lanes = pLimit(2);
  const firsts = Array.from({ length: Math.ceil(count / FILLED_TOGETHER) }, (_, i) => i * FILLED_TOGETHER);
  await Promise.all(firsts.map((first) =>
    lanes(async () => {
      signal.throwIfAborted();
      const numbers = Array.from({ length: Math.min(FILLED_TOGETHER, count - first) }, (_, i) => first + i);
      const kodes = numbers.map((n) => PROVINSI[n % PROVINSI.length]?.kode);
      await pool.query(FILL, [...writingKey(keys.columns), numbers.map(nikOf), kodes, OFFICER]);
    })
  ));
  await pool.query("vacuum analyze penduduk");
}

function person(n: number, keys: Keys): NewRow {
  const { kode } = PROVINSI[n % PROVINSI.length] ?? {};
  if (kode === undefined) throw new Error("Cannot register anybody without provinces");
  const { value } = eventValue(n, keys.events);
  return {
    id: v7(),
    nik: nikOf(n),
    nama: "Warga Contoh",
    alamat: "Jl. Contoh No. 10 RT 01 RW 02, Kelurahan Contoh",
    kode,
    jenisKelamin: "laki-laki",
    tahunLahir: 1990,
    warnings: [],
    createdAt: new Date(),
    createdBy: OFFICER,
    retry: undefined,
    event: { id: v7(), payload: new TextDecoder().decode(value), traceparent: TRACEPARENT },
  };
}

/** Men born in 1990; 9,999 of each day, and another regency when the year is full. */
function nikOf(n: number): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const day = Math.floor(n / 9_999);
  const [date, month, regency] = [day % 28, Math.floor(day / 28) % 12, Math.floor(day / 336)];
  return `32${two(1 + regency)}01${two(1 + date)}${two(1 + month)}90${
    String(1 + n % 9_999).padStart(4, "0")
  }`;
}

/** Nobody is looked for by these indexes: they are of the right size and nobody's. */
const FILL = `
  insert into penduduk (id, nik_index, key_id, nik, nama, alamat, kode_provinsi, created_at, created_by)
  select uuidv7(), sha256(nik::bytea), $1, pgp_sym_encrypt(nik, $2, ${CIPHER}),
         pgp_sym_encrypt('Warga Contoh', $2, ${CIPHER}),
         pgp_sym_encrypt('Jl. Contoh No. 10 RT 01 RW 02, Kelurahan Contoh', $2, ${CIPHER}), kode, now(), $5
  from unnest($3::text[], $4::text[]) as t (nik, kode)`;

const OFFICER = crypto.randomUUID();
const TOGETHER = 50;
const FILLED_TOGETHER = 20_000;
