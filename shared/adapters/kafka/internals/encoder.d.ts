/** What topic_id.ts uses of kafkajs 2.2.4's src/protocol/encoder, which it does not publish. */
export default class Encoder {
  writeBoolean(value: boolean): this;
  writeBuffer(value: Uint8Array): this;
  writeUVarInt(value: number): this;
  writeUVarIntString(value: string): this;
}
