import type { Buffer } from "node:buffer";
import type { IHeaders } from "kafkajs";

/** What topic_id.ts and headers.ts use of kafkajs 2.2.4's src/protocol/decoder, which it does not publish. */
export default class Decoder {
  constructor(buffer: Uint8Array);
  readBytes(length: number): Buffer;
  readInt16(): number;
  readInt32(): number;
  readTaggedFields(): void;
  readUVarInt(): number;
  readUVarIntArray<T>(reader: (decoder: Decoder) => T): T[] | null;
  readUVarIntString(): string | null;
  readVarInt(): number;
  /** Is called for the headers of a record alone, and what it returns is reduced to an object at once. */
  readVarIntArray(reader: (decoder: Decoder) => RawHeader): { reduce(): IHeaders };
}

interface RawHeader {
  readonly key: string;
  readonly value: Buffer | null;
}
