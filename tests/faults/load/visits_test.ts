import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Answer } from "../../../ops/tasks/simulate/http.ts";
import { Visits } from "./visits.ts";

describe("the visits of a chaos run", () => {
  it("keep apart what fails by its path, and are calm only when no path fails", async () => {
    const visits = new Visits();
    const stop = new AbortController();
    const asked: string[] = [];
    await visits.run({
      request(path) {
        asked.push(path);
        if (asked.length === 3) stop.abort();
        return Promise.resolve(path === "/stats" ? BARE : GOOD);
      },
    }, stop.signal);
    assert.deepEqual(asked, ["/protected", "/stats", "/sms"]);
    assert.equal(visits.calmMs, 0);
    const { requests, errors } = visits.span();
    assert.deepEqual([requests, [...errors]], [3, [["/stats HTTP_502", 1]]]);
    assert.deepEqual([...visits.bare], [["HTTP_502 to /stats", 1]]);
    assert.equal(visits.requests, 3);
  });
});

const GOOD: Answer = { kind: "answered", status: 200, body: {}, retryAfterMs: 0, ms: 1 };
const BARE: Answer = { kind: "answered", status: 502, body: undefined, retryAfterMs: 0, ms: 1 };
