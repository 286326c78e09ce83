import type {
  ProvinceStatistics,
  StatisticsEvent,
  StatisticsList,
} from "../../shared/http/schemas/statistics.ts";
import { COUNTRY } from "../../shared/http/schemas/trend.ts";
import { PROVINSI } from "../../shared/penduduk/provinsi.ts";
import type { ProvinceCount, Statistics } from "../../shared/ports/statistics_store.ts";

/** A row for every province, by rising code, with zeros for those without residents. */
export function provinceRows({ provinces, asOf }: Statistics): StatisticsList {
  const counts = new Map(provinces.map((count) => [count.kode, count]));
  return PROVINSI.map(({ kode, nama }) => row(kode, nama, counts.get(kode) ?? NOBODY, asOf));
}

/** The whole country as one row. */
export function countryRow({ provinces, asOf }: Statistics): ProvinceStatistics {
  return row(COUNTRY, "Indonesia", provinces.reduce(sum, NOBODY), asOf);
}

export function statisticsEvent(statistics: Statistics): StatisticsEvent {
  return {
    asOf: isoOrNull(statistics.asOf),
    jumlah: countryRow(statistics).jumlah,
    provinsi: provinceRows(statistics).map(({ kode, jumlah }) => ({ kode, jumlah })),
  };
}

type Counts = Omit<ProvinceCount, "kode">;

const NOBODY: Counts = { jumlah: 0, jenisKelamin: { "laki-laki": 0, perempuan: 0 }, kohort: {} };

function row(kode: string, provinsi: string, counts: Counts, asOf: Date | undefined): ProvinceStatistics {
  const { jumlah, jenisKelamin, kohort } = counts;
  return { provinsi, kode, jumlah, jenisKelamin, kohort, asOf: isoOrNull(asOf) };
}

function sum(a: Counts, b: Counts): Counts {
  const kohort: Record<string, number> = { ...a.kohort };
  for (const [decade, count] of Object.entries(b.kohort)) kohort[decade] = (kohort[decade] ?? 0) + count;
  return {
    jumlah: a.jumlah + b.jumlah,
    jenisKelamin: {
      "laki-laki": a.jenisKelamin["laki-laki"] + b.jenisKelamin["laki-laki"],
      perempuan: a.jenisKelamin.perempuan + b.jenisKelamin.perempuan,
    },
    kohort,
  };
}

function isoOrNull(instant: Date | undefined): string | null {
  return instant?.toISOString() ?? null;
}
