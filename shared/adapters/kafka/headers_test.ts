import { before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
// @ts-types="./internals/decoder.d.ts"
import Decoder from "kafkajs/src/protocol/decoder.js";
// @ts-types="./internals/record_decoder.d.ts"
import decodeRecord from "kafkajs/src/protocol/recordBatch/record/v0/decoder.js";
// @ts-types="./internals/record_encoder.d.ts"
import encodeRecord from "kafkajs/src/protocol/recordBatch/record/v0/index.js";
import { unicodeText } from "../../../tests/contract/unicode_text.ts";
import type { Header } from "../../ports/event_log.ts";
import { fromKafkaHeaders, keepHeadersInOrder, toKafkaHeaders } from "./headers.ts";

describe("Headers of a record in Kafka", () => {
  before(keepHeadersInOrder);

  it("keep order, repeated names and every byte on their way through kafkajs", () => {
    const name = fc.oneof(unicodeText(), fc.nat(20).map(String), fc.constant("map"));
    fc.assert(fc.property(fc.array(fc.tuple(name, fc.uint8Array())), (headers) => {
      assert.deepEqual(plain(written(headers)), plain(headers));
    }));
  });

  it("are none where there are none", () => {
    assert.deepEqual(written([]), []);
  });

  it("have an empty value where another program wrote none", () => {
    // Of a record: attributes, timestamp, offset, no key, no value, one header "a" without a value.
    const record = Buffer.from([0, 0, 0, 1, 1, 2, 2, 0x61, 1]);
    assert.deepEqual(plain(read(new Decoder(record))), [["a", []]]);
  });
});

function written(headers: readonly Header[]): readonly Header[] {
  const { buffer } = encodeRecord({ key: null, value: Buffer.from("v"), headers: toKafkaHeaders(headers) });
  const decoder = new Decoder(buffer);
  decoder.readVarInt(); // its size
  return read(decoder);
}

function read(decoder: Decoder): readonly Header[] {
  return fromKafkaHeaders(decodeRecord(decoder, { firstOffset: "0", firstTimestamp: "0" }));
}

function plain(headers: readonly Header[]): readonly [string, number[]][] {
  return headers.map(([name, value]) => [name, [...value]]);
}
