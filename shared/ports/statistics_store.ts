import type { KodeProvinsi } from "../penduduk/provinsi.ts";
import type { JenisKelamin } from "../penduduk/nik.ts";

/**
 * Counts of registered residents, moved by events: each event counts once however often it is delivered, and in
 * whatever order. A cancellation that came before its registration would show as a count too low until that comes.
 */
export interface StatisticsStore {
  /** Counts the events of one partition and remembers them, together or not at all in effect. */
  apply(batch: CountableBatch): Promise<Applied>;
  read(): Promise<Statistics>;
  /**
   * Begins counts anew beside those that are served: none, moved from now on by the events beyond `cut`. To be called
   * while no such event can be delivered. Gives up the generation that was begun before and is not served.
   */
  startGeneration(cut: number): Promise<Generation>;
  /**
   * Adds the residents of the registry up to the cut and serves the generation in the place of the one before, all in
   * one step for who reads. From then on no event up to the cut counts. Rejects with `GenerationGivenUp` when another
   * was begun meanwhile. May be repeated after any other error.
   */
  serveGeneration(generation: Generation, residents: readonly ResidentCount[]): Promise<void>;
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
