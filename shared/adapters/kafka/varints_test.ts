import { beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
// @ts-types="./internals/encoder.d.ts"
import Encoder from "kafkajs/src/protocol/encoder.js";
import { writeVarIntsInPlace } from "./varints.ts";

describe("writeVarIntsInPlace", () => {
  // Written by the encoder as it comes, before anything else in this file touches it.
  const numbers = fc.sample(fc.integer(), 300).concat(EDGES);
  const unsigned = numbers.map((value) => value >>> 0).concat(EDGES.filter((value) => value >= 0));
  const longs = fc.sample(fc.maxSafeInteger(), 300).concat(EDGES);
  const write = () => [
    ...numbers.map((value) => [...new Encoder().writeVarInt(value).buffer]),
    ...unsigned.map((value) => [...new Encoder().writeUVarInt(value).buffer]),
    ...longs.map((value) => [...new Encoder().writeVarLong(value).buffer]),
  ];
  const original = write();
  const sizes = longs.map((value) => Encoder.sizeOfVarLong(value));

  // Each client does it again.
  beforeEach(writeVarIntsInPlace);

  it("writes every number as kafkajs does", () => {
    assert.deepEqual(write(), original);
  });

  it("tells the size of a long number as kafkajs does", () => {
    assert.deepEqual(longs.map((value) => Encoder.sizeOfVarLong(value)), sizes);
  });

  it("keeps what stands before and behind a number when the buffer grows", () => {
    const encoder = new Encoder();
    for (let i = 0; i < 2_000; i++) encoder.writeVarInt(i);
    const one = Array.from({ length: 2_000 }, (_, i) => [...new Encoder().writeVarInt(i).buffer]);
    assert.deepEqual([...encoder.buffer], one.flat());
  });
});

const EDGES = [0, 1, -1, 63, 64, -64, -65, 127, 128, 2 ** 30 - 1, 2 ** 30, 2 ** 31 - 1, -(2 ** 31)];
