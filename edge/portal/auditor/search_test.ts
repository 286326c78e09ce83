import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { AuditSearchInput } from "../../../shared/http/schemas/audit.ts";
import { PENDUDUK } from "../../../tests/fixtures.ts";
import { NO_QUESTION, searchBody } from "./search.ts";

describe("searchBody", () => {
  it("asks for everything when nothing is filled in, and for each thing that is", () => {
    assert.deepEqual(AuditSearchInput.parse(searchBody(NO_QUESTION)), { limit: 50 });
    const before = "01a20563-7537-707d-a5dd-c5aa72db60a0";
    const all = {
      nik: PENDUDUK[0].nik,
      actor: " x ",
      action: "penduduk.baca",
      since: "2026-11-01T00:00",
      until: "2026-11-23T07:30",
    };
    const body = AuditSearchInput.parse(searchBody(all, before));
    assert.deepEqual([body.actor, body.action, body.before], ["x", "penduduk.baca", before]);
    assert.equal(body.until, new Date("2026-11-23T07:30").toISOString());
  });
});
