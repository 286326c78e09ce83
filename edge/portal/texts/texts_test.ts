import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parseNik } from "../../../shared/penduduk/nik.ts";
import { parseAlamat, parseNama } from "../../../shared/penduduk/text.ts";
import { en } from "./en.ts";
import { id } from "./id.ts";
import { DETAILS } from "./sentences.ts";
import { format, type Text } from "./texts.ts";

const forms = (text: Text) => typeof text === "string" ? [text] : [text.other, text.one ?? text.other];
const values = (text: Text) =>
  forms(text).map((form) => [...form.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort().join());
const english: Readonly<Record<string, Text>> = en;

describe("the texts of the portal", () => {
  it("are there in both languages, none empty and none more than the other", () => {
    assert.deepEqual(Object.keys(en).sort(), Object.keys(id).sort());
    for (const [key, text] of [...Object.entries<Text>(id), ...Object.entries<Text>(en)]) {
      for (const form of forms(text)) assert.notEqual(form.trim(), "", key);
    }
  });

  it("take the same values in both languages and in every plural form", () => {
    for (const [key, text] of Object.entries<Text>(id)) {
      assert.equal(new Set([...values(text), ...values(english[key] ?? "")]).size, 1, key);
    }
  });

  it("write numbers and plurals as the language does", () => {
    const text = { one: "{count} line", other: "{count} lines" };
    assert.equal(format("en", text, { count: 1 }), "1 line");
    assert.equal(format("en", text, { count: 12_000 }), "12,000 lines");
    assert.equal(format("id", { other: "{count} baris" }, { count: 12_000 }), "12.000 baris");
  });

  it("have English for every sentence by which the shared rules refuse", () => {
    const today = new Date("2026-11-23T00:00:00Z");
    const refused = [
      ...["", "99", "9901010101909991", "3201019999909991", "3201010101900000"].map((nik) =>
        parseNik(nik, today)
      ),
      ...["", "...", "1", "a\u0000", "a".repeat(101)].map(parseNama),
      ...["", "...", "☺", "a\u0000", "a".repeat(301)].map(parseAlamat),
    ].flatMap((parsed) => parsed.kind === "invalid" ? [parsed.detail] : []);
    assert.equal(refused.length, 15);
    for (const detail of refused) {
      assert.ok(detail in DETAILS || /^Paling banyak \d+ karakter$/.test(detail), detail);
    }
  });
});
