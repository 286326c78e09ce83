import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { sealLines } from "../../../tests/contract/audit_sink_contract.ts";
import { sha256 } from "./sha256.ts";
import { compareCopies, CopyVerifier, type KnownEnd, type VerifiedCopy } from "./verify.ts";

describe("CopyVerifier", () => {
  it("finds nothing in chains as they were written, also when they are mixed", () => {
    const chains = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(chains, fc.infiniteStream(fc.nat()), (lengths, choices) => {
      const rest = lengths.map((length) => textsOf(length));
      const mixed: string[] = [];
      while (rest.some((chain) => chain.length > 0)) {
        const open = rest.filter((chain) => chain.length > 0);
        mixed.push(open[(choices.next().value ?? 0) % open.length]?.shift() ?? "");
      }
      const copy = verify(mixed);
      assert.deepEqual(copy.findings, []);
      assert.deepEqual(compareCopies([copy, verify(mixed, "file")]), []);
    }));
  });

  it("finds any single line that was changed, taken out, put in, repeated or moved, in the one copy or by the other", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), mutations, (length, mutate) => {
        const texts = textsOf(length);
        const changed = mutate(texts);
        fc.pre(changed.join("\n") !== texts.join("\n"));
        const copies = [verify(changed), verify(texts, "file")];
        const findings = [...copies.flatMap((copy) => copy.findings), ...compareCopies(copies)];
        assert.notEqual(findings.length, 0);
      }),
      { numRuns: 500 },
    );
  });

  it("finds any other byte in any line", () => {
    const texts = textsOf(3);
    const places = fc.tuple(fc.nat(2), fc.nat(), fc.integer({ min: 32, max: 126 }));
    fc.assert(
      fc.property(places, ([row, at, code]) => {
        const text = texts[row] ?? "";
        const place = at % text.length;
        fc.pre(text.charCodeAt(place) !== code);
        const altered = text.slice(0, place) + String.fromCharCode(code) + text.slice(place + 1);
        assert.notEqual(verify(texts.map((line, i) => i === row ? altered : line)).findings.length, 0);
      }),
      { numRuns: 500 },
    );
  });

  it("says what it found and where", () => {
    const texts = textsOf(5);
    const [, second = "", , fourth = ""] = texts;
    const found = (changed: readonly string[]) =>
      verify(changed).findings.map(({ what, place }) => `${place} ${what}`);
    assert.deepEqual(found(texts.with(1, second.replace("petugas", "admin"))), ["table:2 altered"]);
    assert.deepEqual(found(texts.toSpliced(1, 2)), ["table:2 2 lines removed before it"]);
    assert.deepEqual(found([...texts, second]), ["table:6 repeated or out of order"]);
    assert.deepEqual(found(texts.with(3, `${fourth} `)), ["table:4 altered"]);
    assert.deepEqual(found(texts.with(0, "{}")), [
      "table:1 not a line of the audit",
      "table:2 1 lines removed before it",
    ]);
  });
});

describe("compareCopies", () => {
  const texts = textsOf(4);

  it("finds a chain that was cut off in one of the copies", () => {
    const findings = compareCopies([verify(texts), verify(texts.slice(0, 2), "file")]);
    assert.deepEqual(findings.map(({ what, place }) => `${place} ${what}`), [
      "file cut off here: 2 lines more are known of elsewhere",
    ]);
  });

  it("does not ask for lines that may still be on their way", () => {
    const settledUntil = new Date(Date.parse("2026-11-22T00:00:00.001Z"));
    assert.deepEqual(
      compareCopies([
        verify(texts, "table", { settledUntil }),
        verify(texts.slice(0, 2), "file", { settledUntil }),
      ]),
      [],
    );
  });

  it("finds a chain that ends before where it was, or is another one, when it was last verified", () => {
    const known = endsOf(verify(texts));
    assert.deepEqual(compareCopies([verify(texts)], known), []);
    assert.equal(
      compareCopies([verify(texts.slice(0, 3))], known)[0]?.what,
      "cut off here: 1 lines more are known of elsewhere",
    );
    assert.equal(compareCopies([verify([])], known)[0]?.what, "whole chain missing");
    const other = known.map((end) => ({ ...end, hash: "0".repeat(64) }));
    assert.equal(
      verify(texts, "table", { known: other }).findings[0]?.what,
      "another line than when it was last verified",
    );
  });
});

const line = fc.nat();
/** Each takes the texts of one chain and hands back the texts with one thing done to them. */
const mutations: fc.Arbitrary<(texts: readonly string[]) => string[]> = fc.oneof(
  line.map((i) => (texts: readonly string[]) => texts.toSpliced(i % texts.length, 1)),
  fc.tuple(line, line).map(([from, to]) => (texts: readonly string[]) => {
    const moved = texts[from % texts.length] ?? "";
    return texts.toSpliced(from % texts.length, 1).toSpliced(to % texts.length, 0, moved);
  }),
  fc.tuple(line, line).map(([from, to]) => (texts: readonly string[]) =>
    texts.toSpliced(to % (texts.length + 1), 0, texts[from % texts.length] ?? "")
  ),
  line.map((i) => (texts: readonly string[]) =>
    texts.toSpliced(i % (texts.length + 1), 0, ...textsOf(2).slice(1))
  ),
  fc.tuple(
    line,
    fc.constantFrom("event.outcome", "user.id", "@timestamp", "event.action", "kependudukan.chain.seq"),
  ).map(
    ([i, field]) => (texts: readonly string[]) =>
      texts.with(i % texts.length, withField(texts[i % texts.length] ?? "", field)),
  ),
);

/** The line with another value in one field, and with the hash that would be right for it. */
function withField(text: string, field: string): string {
  const { "kependudukan.chain.hash": _, ...line } = JSON.parse(text);
  const values = {
    "event.outcome": "failure",
    "user.id": "other",
    "@timestamp": "2026-01-01T00:00:00.000Z",
    "event.action": "logout",
    "kependudukan.chain.seq": 77,
  };
  const changed: Record<string, unknown> = {
    ...line,
    [field]: Object.entries(values).find(([name]) => name === field)?.[1],
  };
  const sorted = (of: Record<string, unknown>) => JSON.stringify(of, Object.keys(of).sort());
  return sorted({ ...changed, "kependudukan.chain.hash": sha256(sorted(changed)) });
}

function textsOf(length: number): string[] {
  return sealLines(length).map(({ text }) => text);
}

function verify(
  texts: readonly string[],
  sink: "table" | "file" = "table",
  { settledUntil = new Date(8.64e15), known = [] }: { settledUntil?: Date; known?: readonly KnownEnd[] } = {},
): VerifiedCopy {
  const verifier = new CopyVerifier({ sink, place: sink, sha256, settledUntil, known });
  texts.forEach((text, i) => verifier.add(text, `${sink}:${i + 1}`));
  return verifier.result();
}

function endsOf({ chains }: VerifiedCopy): readonly KnownEnd[] {
  return Array.from(chains, ([writer, { seq, hash }]) => ({ writer, seq, hash }));
}
