import type { StoredRecord } from "../../../ports/event_log.ts";
import { decodeHeaders } from "./headers.ts";

export function toRecord({ offset, timestamp, key, value, headers }: RecordRow): StoredRecord {
  return { offset: Number(offset), timestamp, key, value, headers: decodeHeaders(headers) };
}

export interface RecordRow {
  /** A bigint in decimal. */
  readonly offset: string;
  readonly timestamp: Date;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: string;
}
