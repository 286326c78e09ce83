/** What topic_id.ts and varints.ts use of kafkajs 2.2.4's src/protocol/encoder, which it does not publish. */
export default class Encoder {
  static sizeOfVarInt(value: number): number;
  static sizeOfVarLong(value: unknown): number;
  buf: Uint8Array;
  offset: number;
  /** What was written. */
  readonly buffer: Uint8Array;
  ensureAvailable(bytes: number): void;
  writeBoolean(value: boolean): this;
  writeBuffer(value: Uint8Array): this;
  writeUVarInt(value: number): this;
  writeUVarIntString(value: string): this;
  writeVarInt(value: number): this;
  writeVarLong(value: unknown): this;
}
