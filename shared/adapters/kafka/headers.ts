import { Buffer } from "node:buffer";
import type { IHeaders, KafkaMessage } from "kafkajs";
// @ts-types="./internals/decoder.d.ts"
import Decoder from "kafkajs/src/protocol/decoder.js";
import type { Header } from "../../ports/event_log.ts";

/**
 * Headers as kafkajs takes them. It wants an object, in which a name stands once and one that is a number comes first;
 * but the values of one name it spells out by their `map`, and there each value can bring its own name.
 */
export function toKafkaHeaders(headers: readonly Header[]): IHeaders {
  return headers.length === 0 ? {} : { headers: new InOrder(headers) };
}

/** The headers of a message as they lie in the log, once `keepHeadersInOrder` was called. */
export function fromKafkaHeaders({ headers }: KafkaMessage): readonly Header[] {
  return (headers && IN_ORDER.get(headers)) ?? [];
}

/**
 * Makes kafkajs remember the headers of each record that it reads: the object that it makes of them has lost the order
 * of names that come twice. A header that has no value, not even an empty one, is remembered with an empty one.
 */
export function keepHeadersInOrder(): void {
  Decoder.prototype.readVarIntArray = function (reader) {
    const headers: Header[] = [];
    for (let left = this.readVarInt(); left > 0; left--) {
      const { key, value } = reader(this);
      headers.push([key, value ?? Buffer.alloc(0)]);
    }
    const remembered: IHeaders = {};
    IN_ORDER.set(remembered, headers);
    return { reduce: () => remembered };
  };
}

export function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

class InOrder extends Array<Buffer> {
  readonly #headers: readonly Header[];

  constructor(headers: readonly Header[]) {
    super();
    this.#headers = headers;
  }

  override map<T>(spell: (value: Buffer, index: number, values: Buffer[]) => T): T[] {
    return this.#headers.map(([name, value], i) => {
      const header = spell(toBuffer(value), i, this);
      if (typeof header === "object" && header !== null) Object.assign(header, { key: name });
      return header;
    });
  }
}

const IN_ORDER = new WeakMap<IHeaders, readonly Header[]>();
