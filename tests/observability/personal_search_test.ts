import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PENDUDUK } from "../fixtures.ts";
import { PersonalSearch } from "./personal_search.ts";

// The values must not be printed when a test fails: only line numbers are compared.
describe("PersonalSearch", () => {
  const search = new PersonalSearch(["Jalan Rekaan 5/7", "Bada Kilo"]);

  it("finds a value in any case, in JSON and in a URL", () => {
    const text = [
      "nothing",
      "BADA KILO",
      '{"x":"Jalan Rekaan 5/7"}',
      "?q=bada%20kilo",
      "q=jalan+rekaan+5%2F7",
    ];
    assert.deepEqual(search.lines(text.join("\n")), [2, 3, 4, 5]);
  });

  it("finds a NIK that it was not told of", () => {
    assert.deepEqual(search.lines(`a\nb ${PENDUDUK[0].nik}\nc`), [2]);
  });

  it("counts each value once and lets everything else pass", () => {
    assert.equal(new PersonalSearch(["a b", "a b", "c"]).values, 2);
    assert.deepEqual(search.lines("Bada and Kilo\nJalan Rekaan 57"), []);
  });
});
