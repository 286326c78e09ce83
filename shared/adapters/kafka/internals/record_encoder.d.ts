import type { Buffer } from "node:buffer";
import type { IHeaders } from "kafkajs";

/** kafkajs 2.2.4's src/protocol/recordBatch/record/v0, which it does not publish. */
export default function encodeRecord(record: {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: IHeaders;
}): { readonly buffer: Buffer };
