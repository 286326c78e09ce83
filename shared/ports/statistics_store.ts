import type { KodeProvinsi } from "../penduduk/provinsi.ts";
import type { JenisKelamin } from "../penduduk/nik.ts";
import type { Per, TrendCount } from "./trend.ts";

/**
 * Counts of registered residents, moved by events: each event counts once however often it is delivered, and in
 * whatever order. A cancellation that came before its registration would show as a count too low until that comes.
 */
export interface StatisticsStore {
  /** Counts the events of one partition and remembers them, together or not at all in effect. */
  apply(batch: CountableBatch): Promise<Applied>;
  read(): Promise<Statistics>;
  /** The counts of the buckets from `first` on, in no order; those of which nobody is left are left out. */
  readTrend(per: Per, first: number): Promise<readonly TrendCount[]>;
  /**
   * Begins counts anew beside those that are served: none, moved from now on by the events beyond `cut`. To be called
   * while no such event can be delivered. Gives up the generation that was begun before and is not served.
   */
  startGeneration(cut: number): Promise<Generation>;
  /**
   * Adds what the registry counts up to the cut and serves the generation in the place of the one before, all in
   * one step for who reads. From then on no event up to the cut counts. Rejects with `GenerationGivenUp` when another
   * was begun meanwhile. May be repeated after any other error.
   */
  serveGeneration(generation: Generation, registry: RegistryCount): Promise<void>;
  check(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface CountableBatch {
  /** Names the incarnation of the topic; see `PartitionBatch.epoch`. */
  readonly epoch: string;
  readonly partition: number;
  /** By rising offset. */
  readonly events: readonly CountableEvent[];
}

export interface CountableEvent {
  readonly offset: number;
  readonly id: string;
  /** A registration adds a resident, its cancellation takes one off. */
  readonly change: 1 | -1;
  readonly kode: KodeProvinsi;
  readonly jenisKelamin: JenisKelamin;
  readonly tahunLahir: number;
  /** When the resident was registered, of a cancellation too: it is taken off the hour that it was counted in. */
  readonly registeredAt: Date;
  /**
   * Its number in the registry's outbox, which tells whether a generation has counted it by the registry itself;
   * undefined in records of versions that did not give it: these count unless they did before.
   */
  readonly seq?: number;
}

/** Names a generation of counts. */
export type Generation = number;

export class GenerationGivenUp extends Error {
  override readonly name = "GenerationGivenUp";
  constructor() {
    super("Cannot serve a generation of the counts after another was begun: let one rebuild run at a time");
  }
}

/** Everybody in the registry. */
export interface RegistryCount {
  readonly residents: readonly ResidentCount[];
  /** By hour and by day, as far back as a trend reaches. */
  readonly trend: readonly TrendCount[];
}

/** Residents of one province, sex and decade of birth. */
export interface ResidentCount {
  readonly kode: KodeProvinsi;
  readonly jenisKelamin: JenisKelamin;
  /** First year of the decade. */
  readonly kohort: number;
  readonly jumlah: number;
}

export interface Applied {
  readonly counted: number;
  /** Delivered before, under the same or another offset. */
  readonly repeated: number;
}

export interface Statistics {
  /** One row for each of the provinces that has residents; provinces without any are left out. */
  readonly provinces: readonly ProvinceCount[];
  /** When a count last moved; undefined before the first. */
  readonly asOf: Date | undefined;
}

export interface ProvinceCount {
  readonly kode: KodeProvinsi;
  readonly jumlah: number;
  readonly jenisKelamin: Readonly<Record<JenisKelamin, number>>;
  /** First year of the decade of birth ("1990") → residents; decades without any are left out. */
  readonly kohort: Readonly<Record<string, number>>;
}

/** The birth cohort of a year: the decade's first year. */
export function kohort(tahunLahir: number): string {
  return String(tahunLahir - (tahunLahir % 10));
}
