import assert from "node:assert/strict";
import { PROVINSI } from "../../shared/penduduk/provinsi.ts";
import { type CountableEvent, kohort, type ProvinceCount } from "../../shared/ports/statistics_store.ts";

/** The resident of a number, who lives in one of four provinces. */
export function resident(i: number): Omit<CountableEvent, "offset" | "id"> {
  return {
    change: 1,
    kode: PROVINSI[i % 4]?.kode ?? assert.fail(),
    jenisKelamin: i % 3 === 0 ? "laki-laki" : "perempuan",
    tahunLahir: 1950 + i % 60,
    registeredAt: new Date(),
  };
}

/** New events, by rising offset. */
export function residents(count: number, first = 0): CountableEvent[] {
  return Array.from({ length: count }, (_, i) => ({
    ...resident(i),
    offset: first + i,
    id: crypto.randomUUID(),
  }));
}

/** What a store must answer that has counted each of these events once. */
export function countsOf(events: readonly Omit<CountableEvent, "offset" | "id">[]): ProvinceCount[] {
  const byProvince = [...Map.groupBy(events, ({ kode }) => kode)].toSorted(([a], [b]) => a < b ? -1 : 1);
  return byProvince.map(([kode, residents]) => {
    const cohorts = Map.groupBy(residents, ({ tahunLahir }) => kohort(tahunLahir));
    const women = residents.filter(({ jenisKelamin }) => jenisKelamin === "perempuan").length;
    return {
      kode,
      jumlah: residents.length,
      jenisKelamin: { "laki-laki": residents.length - women, perempuan: women },
      kohort: Object.fromEntries(Array.from(cohorts, ([decade, born]) => [decade, born.length])),
    };
  });
}
