import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { causeOf } from "./letter_causes.ts";

describe("the cause of a dead letter", () => {
  it("is known for every code that the README names, and is an unreadable event for any other", () => {
    for (
      const [code, what] of Object.entries({
        NOT_JSON: "letters.unreadable",
        NOT_CLOUDEVENT: "letters.unreadable",
        A_CODE_OF_TOMORROW: "letters.unreadable",
        PERSONAL_UNKNOWN_KEY: "letters.sealed",
        OFFICERS_UNREADABLE: "letters.officers",
        SMS_LEDGER_FAILED: "letters.ledger",
        SMS_REFUSED_21211: "letters.refused",
        SMS_PARKED_TIMEOUT: "letters.parked",
      })
    ) {
      assert.equal(causeOf(code).what, what, code);
    }
  });
});
