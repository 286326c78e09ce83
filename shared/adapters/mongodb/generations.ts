import type { Collection } from "mongodb";
import { PROVINSI } from "../../penduduk/provinsi.ts";
import {
  type Generation,
  GenerationGivenUp,
  type RegistryCount,
  type ResidentCount,
} from "../../ports/statistics_store.ts";
import type { Per, TrendCount } from "../../ports/trend.ts";
import { sleep } from "../../resilience/backoff.ts";
import type { Mongo } from "./connect.ts";
import { PROVINCES } from "./province_counters.ts";
import {
  type Counts,
  emptyCounts,
  type NextCounts,
  type ProvinceDocument,
  TREND_FIELD,
} from "./province_document.ts";

export const GENERATIONS = "statistics-generation";

/**
 * Counts that are begun anew beside those that are served, in the same documents, so that one update moves both. Which
 * generation is served stands in one document: by that all provinces change at once. Afterwards each province moves its
 * new counts to the place of the old ones; killed before, the next rebuild does it.
 */
export class Generations {
  readonly #provinces: Collection<ProvinceDocument>;
  readonly #served: Collection<ServedDocument>;

  constructor({ db }: Mongo) {
    this.#provinces = db.collection(PROVINCES);
    this.#served = db.collection(GENERATIONS);
  }

  async start(potong: number): Promise<Generation> {
    const begun = await this.#served.findOneAndUpdate(
      SERVED,
      { $inc: { terakhir: 1 } },
      { upsert: true, returnDocument: "after" },
    );
    if (!begun) throw new Error("Cannot read the generation that was begun");
    const { terakhir: generasi } = begun;
    // Not before: from here on no earlier one can come to be served, whose counts would be lost below.
    await this.#settle();
    const berikut: NextCounts = { ...emptyCounts(), generasi, potong, lengkap: false };
    // Not over that of a rebuild which began later.
    const older = { $or: [{ berikut: { $exists: false } }, { "berikut.generasi": { $lt: generasi } }] };
    await this.#provinces.updateMany(older, { $set: { berikut } });
    return generasi;
  }

  async serve(generasi: Generation, registry: RegistryCount): Promise<void> {
    if (await this.#current() !== generasi) {
      const residents = Map.groupBy(registry.residents, ({ kode }) => kode);
      const trend = Map.groupBy(registry.trend, ({ kode }) => kode);
      for (const { kode } of PROVINSI) {
        await this.#fill(kode, generasi, fieldsOf(residents.get(kode) ?? [], trend.get(kode) ?? []));
      }
      const { matchedCount } = await this.#served.updateOne({ ...SERVED, terakhir: generasi }, {
        $set: { generasi },
      });
      if (matchedCount !== 1) throw new GenerationGivenUp();
    }
    await this.#settle();
  }

  /** The counts that are served, of one generation for all provinces; the trends are left out. */
  read(): Promise<ServedCounts[]> {
    const trends = Object.values(TREND_FIELD).flatMap((field) => [[field, 0], [`berikut.${field}`, 0]]);
    return this.#read({ tanda: 0, ...Object.fromEntries(trends) });
  }

  /** As `read`, but nothing except one trend. */
  readTrend(per: Per): Promise<ServedTrend[]> {
    const field = TREND_FIELD[per];
    return this.#read({ generasi: 1, "berikut.generasi": 1, [field]: 1, [`berikut.${field}`]: 1 });
  }

  async #read(fields: Record<string, 0 | 1>): Promise<ServedCounts[]> {
    for (let tries = 0; tries < READ_TRIES; tries++) {
      const current = await this.#current();
      const documents = await this.#provinces.find().project<Omit<ProvinceDocument, "tanda">>(fields)
        .sort({ _id: 1 }).toArray();
      const counts = documents.flatMap(({ berikut, ...document }) => {
        const { _id, asOf } = document;
        const served = [document, berikut].find((counts) => (counts?.generasi ?? 0) === current && counts);
        return served ? [{ ...served, _id, ...(asOf && { asOf }) }] : [];
      });
      if (counts.length === documents.length) return counts;
      // Between the two looks another generation came to be served.
      await sleep(10 * 2 ** tries, NEVER);
    }
    throw new Error("Cannot read the counts of one generation: another comes to be served again and again");
  }

  async #current(): Promise<Generation> {
    return (await this.#served.findOne(SERVED))?.generasi ?? 0;
  }

  /** Adds the registry's numbers, once. */
  async #fill(kode: string, generasi: Generation, counts: Readonly<Record<string, number>>): Promise<void> {
    const own = { _id: kode, "berikut.generasi": generasi };
    await this.#provinces.updateOne(
      { ...own, "berikut.lengkap": false },
      { $set: { "berikut.lengkap": true }, ...(Object.keys(counts).length > 0 && { $inc: counts }) },
    );
    if (await this.#provinces.countDocuments(own) !== 1) throw new GenerationGivenUp();
  }

  /** Moves the counts of the served generation to their place, wherever a rebuild did not come to it. */
  async #settle(): Promise<void> {
    const current = await this.#current();
    await this.#provinces.updateMany({ "berikut.generasi": current }, [
      {
        $set: {
          jumlah: "$berikut.jumlah",
          jenisKelamin: "$berikut.jenisKelamin",
          kohort: "$berikut.kohort",
          jam: "$berikut.jam",
          hari: "$berikut.hari",
          generasi: "$berikut.generasi",
          potong: "$berikut.potong",
          asOf: "$$NOW",
        },
      },
      { $unset: "berikut" },
    ]);
  }
}

/** What to add to the next generation of one province, by field. */
function fieldsOf(
  residents: readonly ResidentCount[],
  trend: readonly TrendCount[],
): Readonly<Record<string, number>> {
  const fields: Record<string, number> = {};
  for (const { jenisKelamin, kohort, jumlah } of residents) {
    for (const field of ["jumlah", `jenisKelamin.${jenisKelamin}`, `kohort.${kohort}`]) {
      fields[`berikut.${field}`] = (fields[`berikut.${field}`] ?? 0) + jumlah;
    }
  }
  for (const { per, bucket, jumlah } of trend) {
    const field = `berikut.${TREND_FIELD[per]}.${bucket}`;
    fields[field] = (fields[field] ?? 0) + jumlah;
  }
  return fields;
}

/** Of one province, as the next. */
export type ServedTrend = Pick<ProvinceDocument, "_id" | "jam" | "hari">;
export type ServedCounts = Counts & Pick<ProvinceDocument, "_id" | "asOf">;

interface ServedDocument {
  readonly _id: string;
  /** The generation that is served; undefined is 0. */
  readonly generasi?: Generation;
  /** The last that was begun. */
  readonly terakhir: Generation;
}

const SERVED = { _id: "served" };
const READ_TRIES = 10;
const NEVER = new AbortController().signal;
