import type { KodeProvinsi } from "../penduduk/provinsi.ts";

/** What a trend counts by. */
export const PER = ["hour", "day"] as const;
export type Per = typeof PER[number];

/** Buckets that a trend reaches back, the present one among them: two days by hour, a quarter of a year by day. */
export const TREND_REACH = { hour: 48, day: 90 } as const satisfies Record<Per, number>;

/** Of the residents who were registered in one hour or day, and were not taken back. */
export interface TrendCount {
  readonly kode: KodeProvinsi;
  readonly per: Per;
  /** The number of the hour or day, as `bucketOf` tells it. */
  readonly bucket: number;
  readonly jumlah: number;
}

/**
 * Numbers hours and days from 1970 on. A day is one of Asia/Jakarta, which has no summer time: the days of provinces in
 * three zones can only be added up when all mean the same hours, and most residents and the registry live by that one.
 */
export function bucketOf(per: Per, instant: Date): number {
  const hour = Math.floor(instant.getTime() / HOUR_MS);
  return per === "hour" ? hour : dayOf(hour);
}

/** The day of an hour, both by their numbers. */
export function dayOf(hour: number): number {
  return Math.floor((hour + JAKARTA_HOURS) / 24);
}

/** When the bucket begins, written with the offset of Asia/Jakarta: `2026-11-23T10:00:00+07:00`. */
export function startOf(per: Per, bucket: number): string {
  const hours = per === "hour" ? bucket + JAKARTA_HOURS : bucket * 24;
  return `${new Date(hours * HOUR_MS).toISOString().slice(0, 19)}+07:00`;
}

/** The first bucket of a trend that ends now. */
export function firstBucket(per: Per, now: Date): number {
  return bucketOf(per, now) - TREND_REACH[per] + 1;
}

const HOUR_MS = 3_600_000;
const JAKARTA_HOURS = 7;
