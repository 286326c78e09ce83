import fc from "fast-check";

/**
 * Any text, such as the name of a Kafka header: a lone surrogate is none, and no bytes decode to one. Of fast-check's
 * own, `fc.string()` has the names of JavaScript's objects as well, and `unit: "binary"` costs a second of processor
 * time before the first value.
 */
export function unicodeText(): fc.Arbitrary<string> {
  const codePoint = fc.oneof(fc.nat(0x7f), fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10ffff }));
  return fc.oneof(fc.string(), fc.string({ unit: codePoint.map((code) => String.fromCodePoint(code)) }));
}
