import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { summaryOf } from "./query_span.ts";

describe("The summary of a query", () => {
  for (
    const [text, operation, collection] of [
      ["select id from sms_outbox where id = $1", "SELECT", "sms_outbox"],
      ["  select count(*)\n from event_log.partition", "SELECT", "event_log.partition"],
      ["with a as (select 1 from b) insert into penduduk (id) select 1", "INSERT", "penduduk"],
      ["insert into t (n) values ($1) on conflict (n) do update set n = 1", "INSERT", "t"],
      ["select seq from outbox order by seq for update skip locked", "SELECT", "outbox"],
      ["with gone as (delete from penduduk where id = $1 returning id) select 1", "DELETE", "penduduk"],
      ["UPDATE outbox set parked_at = null", "UPDATE", "outbox"],
      ["begin", "BEGIN", undefined],
      ["listen outbox", "LISTEN", undefined],
      ["select 1", "SELECT", undefined],
    ] as const
  ) {
    it(`of "${text}" is ${operation} ${collection ?? "alone"}`, () => {
      assert.deepEqual(summaryOf(text), { operation, collection });
    });
  }
});
