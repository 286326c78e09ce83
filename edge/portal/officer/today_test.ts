import { beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { OwnEntry, OwnPage } from "../../../shared/http/schemas/own_registrations.ts";
import type { Outcome } from "../api/client.ts";
import { Today } from "./today.ts";

describe("today's registrations", () => {
  let stored: Map<string, unknown>;
  let asked: string[];
  let answers: (Outcome<OwnPage> | Promise<Outcome<OwnPage>>)[];
  let now: Date;
  let today: Today;

  beforeEach(() => {
    [stored, asked, answers, now] = [new Map(), [], [], new Date(2026, 10, 23, 14)];
    today = open();
  });

  const open = () =>
    new Today({
      store: {
        read: (name) => Promise.resolve(stored.get(name)),
        write: (name, value) => Promise.resolve(void stored.set(name, structuredClone(value))),
      },
      name: "sub/today",
      ask(path) {
        asked.push(path);
        return Promise.resolve(answers.shift() ?? { kind: "offline" });
      },
      now: () => new Date(now),
    });
  const shown = (of = today) => of.state.value.entries.map(({ id }) => id);

  it("are asked for from midnight on, a page at a time", async () => {
    answers.push(page(["c", "b"], 3, "b"), page(["a"], 3, null));
    await today.refresh();
    assert.deepEqual([shown(), today.state.value.jumlah], [["c", "b"], 3]);
    await today.more();
    assert.deepEqual([shown(), today.state.value.next], [["c", "b", "a"], null]);
    await today.more();
    const midnight = new Date(2026, 10, 23).toISOString();
    assert.deepEqual(asked, [
      `/penduduk/milik-saya?limit=20&since=${midnight}`,
      `/penduduk/milik-saya?limit=20&since=${midnight}&before=b`,
    ]);
  });

  it("have a new registration at once, and once only", async () => {
    answers.push(page(["a"], 1, null));
    await today.refresh();
    await today.add(entry("b"));
    await today.add(entry("b"));
    assert.deepEqual([shown(), today.state.value.jumlah], [["b", "a"], 2]);
  });

  it("lose nothing to an answer that was asked for before", async () => {
    let answerEarly: (outcome: Outcome<OwnPage>) => void = () => {};
    const early = new Promise<Outcome<OwnPage>>((resolve) => answerEarly = resolve);
    answers.push(early, page(["b", "a"], 2, null));
    const asking = today.refresh();
    await today.add(entry("b"));
    await today.refresh();
    answerEarly(page(["a"], 1, null));
    await asking;
    assert.deepEqual(shown(), ["b", "a"]);
  });

  it("stay without a network, also in a new page, until the next day", async () => {
    answers.push(page(["a"], 1, null));
    await today.refresh();
    await today.refresh();
    assert.deepEqual([shown(), today.state.value.failure?.kind], [["a"], "offline"]);
    const later = open();
    await later.load();
    assert.deepEqual([shown(later), later.state.value.known], [["a"], true]);
    now = new Date(2026, 10, 24, 1);
    const tomorrow = open();
    await tomorrow.load();
    assert.deepEqual([shown(tomorrow), tomorrow.state.value.known], [[], false]);
  });
});

function page(ids: readonly string[], jumlah: number, next: string | null): Outcome<OwnPage> {
  return { kind: "ok", body: { entries: ids.map(entry), jumlah, next } };
}

function entry(id: string): OwnEntry {
  const createdAt = new Date(2026, 10, 23, 9).toISOString();
  return { id, nik: "317***********99", nama: "Orang Karangan", provinsi: "Bali", kode: "51", createdAt };
}
