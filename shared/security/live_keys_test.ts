import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { toNik } from "../penduduk/testing.ts";
import { openPersonal, sealPersonal } from "../events/sealed.ts";
import { activeKey, findKey } from "./key_ring.ts";
import { LiveKeys } from "./live_keys.ts";

describe("LiveKeys", () => {
  const [older, newer] = [textOf("a", { a: 1 }), textOf("b", { a: 1, b: 2 })];

  function follow(first: string, now?: () => number) {
    const source = { text: first, reads: 0 };
    const live = new LiveKeys(() => {
      source.reads++;
      return source.text;
    }, now);
    return { source, live };
  }

  it("shows new keys in the rings that were handed out before", () => {
    const { source, live } = follow(older);
    const { columns, events, blindIndex } = live.keys;
    source.text = newer;
    live.refresh();
    for (const ring of [columns, events, blindIndex]) {
      assert.equal(ring.active, "b");
      assert.deepEqual([...ring.keys.keys()], ["a", "b"]);
      assert.deepEqual(activeKey(ring), new Uint8Array(32).fill(2));
    }
  });

  it("keeps the old keys while the text is broken, shows it, and goes on once it is mended", () => {
    const { source, live } = follow(older);
    for (const broken of ["", "{", "[]", textOf("c", { a: 1 }), textOf("a", {})]) {
      source.text = broken;
      live.refresh();
      assert.equal(live.degraded, true);
      assert.equal(live.keys.columns.active, "a");
    }
    source.text = newer;
    live.refresh();
    assert.equal(live.degraded, false);
    assert.equal(live.keys.columns.active, "b");
  });

  it("keeps the old keys while the text cannot be had", () => {
    let away = false;
    const live = new LiveKeys(() => {
      if (away) throw new Error("No such file");
      return older;
    });
    away = true;
    live.refresh();
    assert.deepEqual([live.degraded, live.keys.events.active], [true, "a"]);
  });

  it("refuses other bytes under a known id, which would make unreadable what they wrote", () => {
    const { source, live } = follow(older);
    source.text = textOf("a", { a: 7 });
    live.refresh();
    assert.equal(live.degraded, true);
    assert.deepEqual(activeKey(live.keys.columns), new Uint8Array(32).fill(1));
  });

  it("cannot begin with a broken text", () => {
    assert.throws(() => follow("{"), /Cannot read the keys/);
  });

  it("looks at once when an unknown key is asked for, so that no event of a newer process is unreadable", () => {
    const { source, live } = follow(older);
    const personal = { nik: toNik("3171014108909999"), nama: "Contoh" };
    const sealed = sealPersonal(personal, follow(newer).live.keys.events);
    source.text = newer;
    assert.deepEqual(openPersonal(sealed, live.keys.events), { kind: "opened", personal });
  });

  it("looks at most once a second, however many unknown keys are asked for", () => {
    let now = 0;
    const { source, live } = follow(older, () => now);
    for (let i = 0; i < 1_000; i++) assert.equal(findKey(live.keys.events, `strange-${i}`), undefined);
    assert.equal(source.reads, 2);
    now = 1_000;
    source.text = newer;
    assert.ok(findKey(live.keys.events, "b"));
    assert.equal(source.reads, 3);
  });
});

function textOf(active: string, bytes: Readonly<Record<string, number>>): string {
  const keys = Object.fromEntries(
    Object.entries(bytes).map(([id, byte]) => [id, Buffer.alloc(32, byte).toString("base64")]),
  );
  const ring = { active, keys };
  return JSON.stringify({ columns: ring, events: ring, blindIndex: ring });
}
