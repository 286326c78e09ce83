import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { activeKey, generateKeys, parseKeys } from "./key_ring.ts";

const NOW = new Date("2026-11-22T05:00:00Z");
const RINGS = ["columns", "events", "blindIndex", "audit"] as const;

describe("generateKeys", () => {
  it("makes one key of 32 bytes for each ring, named by the month", () => {
    const keys = parseKeys(generateKeys(NOW));
    for (const name of RINGS) {
      assert.equal(keys[name].active, "2026-11");
      assert.deepEqual([...keys[name].keys.keys()], ["2026-11"]);
      assert.equal(activeKey(keys[name]).length, 32);
    }
  });

  it("never makes the same key twice", () => {
    const texts = [generateKeys(NOW), generateKeys(NOW)].flatMap((json) => {
      const keys = parseKeys(json);
      return RINGS.map((name) => Buffer.from(activeKey(keys[name])).toString("hex"));
    });
    assert.equal(new Set(texts).size, 2 * RINGS.length);
  });
});

describe("parseKeys", () => {
  it("keeps the older keys beside the active one", () => {
    const { events } = parseKeys(
      withRing({ active: "2026-11", keys: { "2026-10": key(1), "2026-11": key(2) } }),
    );
    assert.deepEqual(activeKey(events), new Uint8Array(32).fill(2));
    assert.deepEqual(events.keys.get("2026-10"), new Uint8Array(32).fill(1));
  });

  it("names the ring and what is wrong with it", () => {
    const wrong: [unknown, RegExp][] = [
      [
        { active: "2026-12", keys: { "2026-11": key(1) } },
        /events\.active: Expect the id of one of the keys/,
      ],
      [
        { active: "2026-11", keys: { "2026-11": key(1, 31) } },
        /events\.keys\.2026-11: Expect 32 bytes in base64/,
      ],
      [
        { active: "2026-11", keys: { "2026-11": key(1, 33) } },
        /events\.keys\.2026-11: Expect 32 bytes in base64/,
      ],
      [{ active: "2026-11", keys: { "2026-11": `${key(1)}\n` } }, /Expect 32 bytes in base64/],
      [
        { active: "2026-11", keys: { "2026-11": key(255).replaceAll("/", "_") } },
        /Expect 32 bytes in base64/,
      ],
      [{ active: "", keys: { "": key(1) } }, /Expect a key id/],
      [{ active: "2026-11", keys: {} }, /events\.active/],
      [{ active: "2026-11" }, /events\.keys/],
      [undefined, /events/],
    ];
    for (const [ring, reason] of wrong) assert.throws(() => parseKeys(withRing(ring)), reason);
    assert.throws(() => parseKeys("[]"), /keys: /);
  });

  it("tells no key in its errors", () => {
    const secret = key(7, 31);
    const texts = [
      withRing({ active: "2026-11", keys: { "2026-11": secret } }),
      withRing({ active: "2026-11", keys: secret }),
      `{"columns": ${secret}}`,
      secret,
    ];
    for (const json of texts) {
      assert.throws(() => parseKeys(json), (error: Error) => {
        assert.match(error.message, /^Cannot read the keys: /);
        assert.equal(error.cause, undefined);
        return !error.message.includes(secret.slice(0, 8));
      });
    }
  });
});

describe("the ring of the audit", () => {
  const right = { active: "a", keys: { a: key(9) } };
  const parsed = parseKeys(JSON.stringify({ columns: right, events: right, blindIndex: right }));

  it("is derived from the index keys where the file has none, and tells nothing of them", () => {
    assert.deepEqual([...parsed.audit.keys.keys()], ["a"]);
    assert.notDeepEqual(activeKey(parsed.audit), activeKey(parsed.blindIndex));
    const again = parseKeys(JSON.stringify({ columns: right, events: right, blindIndex: right }));
    assert.deepEqual(activeKey(again.audit), activeKey(parsed.audit));
  });

  it("is the file's own where there is one", () => {
    const own = { active: "b", keys: { b: key(7) } };
    const keys = parseKeys(JSON.stringify({ columns: right, events: right, blindIndex: right, audit: own }));
    assert.deepEqual(activeKey(keys.audit), new Uint8Array(32).fill(7));
  });
});

function withRing(events: unknown): string {
  const right = { active: "a", keys: { a: key(9) } };
  return JSON.stringify({ columns: right, events, blindIndex: right });
}

function key(byte: number, length = 32): string {
  return Buffer.alloc(length, byte).toString("base64");
}
