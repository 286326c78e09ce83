import { v7 } from "uuid";
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

const OFFICER = crypto.randomUUID();
const TOGETHER = 50;
