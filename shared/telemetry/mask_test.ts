import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { mask } from "./mask.ts";

const digits = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: length, maxLength: length });

describe("mask", () => {
  it("blanks every number of 16 digits, wherever it stands", () => {
    fc.assert(fc.property(digits(16), (number) => {
      assert.equal(mask(`value "${number}" refused`), 'value "[nik]" refused');
    }));
  });

  it("blanks telephone numbers", () => {
    assert.equal(mask(`to +62811${"0".repeat(7)}`), "to [telepon]");
  });

  it("leaves trace ids and shorter numbers alone", () => {
    const line = "trace 4bf92f3577b34da6a3ce929d0e0e4736 took 1234567890 ns";
    assert.equal(mask(line), line);
  });
});
