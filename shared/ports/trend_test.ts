import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { bucketOf, dayOf, firstBucket, PER, startOf, TREND_REACH } from "./trend.ts";

describe("the buckets of a trend", () => {
  it("are hours, and days of Asia/Jakarta", () => {
    const lastOfTheDay = new Date("2026-11-23T16:59:59.999Z");
    const firstOfTheNext = new Date("2026-11-23T17:00:00Z");
    assert.equal(startOf("day", bucketOf("day", lastOfTheDay)), "2026-11-23T00:00:00+07:00");
    assert.equal(startOf("day", bucketOf("day", firstOfTheNext)), "2026-11-24T00:00:00+07:00");
    assert.equal(startOf("hour", bucketOf("hour", lastOfTheDay)), "2026-11-23T23:00:00+07:00");
    assert.equal(startOf("hour", bucketOf("hour", firstOfTheNext)), "2026-11-24T00:00:00+07:00");
  });

  it("hold each instant of theirs, and an hour lies in the day that its instants lie in", () => {
    fc.assert(fc.property(instants, (instant) => {
      for (const per of PER) {
        const bucket = bucketOf(per, instant);
        assert.ok(new Date(startOf(per, bucket)) <= instant);
        assert.ok(instant < new Date(startOf(per, bucket + 1)));
      }
      assert.equal(dayOf(bucketOf("hour", instant)), bucketOf("day", instant));
    }));
  });

  it("of a trend end with the present one", () => {
    const now = new Date("2026-11-23T04:20:00Z");
    for (const per of PER) {
      assert.equal(firstBucket(per, now) + TREND_REACH[per] - 1, bucketOf(per, now));
    }
  });
});

const instants = fc.date({
  min: new Date("1999-01-01"),
  max: new Date("2200-01-01"),
  noInvalidDate: true,
});
