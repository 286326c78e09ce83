import { beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Answer } from "../../../ops/tasks/simulate/http.ts";
import { merge, Recorder } from "./recorder.ts";

describe("the recorder of a chaos run", () => {
  let now = 0;
  let recorder: Recorder;
  beforeEach(() => {
    now = 0;
    recorder = new Recorder(() => now);
  });

  it("counts requests and errors by their code", () => {
    recorder.answered(answer(201));
    recorder.answered(answer(503, { code: "STORE_UNAVAILABLE" }));
    recorder.answered(answer(503, { code: "STORE_UNAVAILABLE" }));
    recorder.answered({ kind: "lost", code: "TIMEOUT" });
    const { requests, errors } = recorder.span();
    assert.equal(requests, 4);
    assert.deepEqual([...errors], [["STORE_UNAVAILABLE", 2], ["TIMEOUT", 1]]);
  });

  it("measures the longest time between two good answers, errors in between or not", () => {
    at(100, answer(201));
    at(150, answer(503, { code: "OVERLOADED" }));
    at(900, answer(201));
    at(1_000, answer(201));
    assert.equal(recorder.span().unavailableMs, 800);
  });

  it("takes for unavailable also the time before the first good answer and after the last", () => {
    at(700, answer(201));
    now = 800;
    assert.equal(recorder.span().unavailableMs, 700);
    at(900, answer(201));
    now = 2_000;
    assert.equal(recorder.span().unavailableMs, 1_100);
    now = 5_000;
    assert.equal(recorder.span().unavailableMs, 3_000);
  });

  it("measures the recovery from the healing to the first good answer and the last error after it", () => {
    at(100, answer(503, { code: "OVERLOADED" }));
    now = 1_000;
    recorder.healed();
    at(1_200, answer(201));
    at(1_700, { kind: "lost", code: "CONNECTION" });
    at(1_800, answer(201));
    now = 9_000;
    assert.equal(recorder.span().recoveryMs, 700);
    now = 10_000;
    recorder.healed();
    at(10_400, answer(201));
    assert.equal(recorder.span().recoveryMs, 400);
    recorder.healed();
    now = 30_400;
    assert.equal(recorder.span().recoveryMs, 20_000);
  });

  it("calls it calm for as long as good answers come and no others, silence is none", () => {
    now = 5_000;
    assert.equal(recorder.calmMs, 0);
    at(6_000, { kind: "lost", code: "CONNECTION" });
    now = 9_000;
    assert.equal(recorder.calmMs, 0);
    at(9_500, answer(201));
    assert.equal(recorder.calmMs, 3_500);
    at(9_600, answer(503, { code: "OVERLOADED" }));
    assert.equal(recorder.calmMs, 0);
  });

  it("keeps apart the 5xx that no client can deal with: no problem, or without Retry-After", () => {
    recorder.answered(answer(503, { code: "OVERLOADED" }, 1_000));
    recorder.answered(answer(404, undefined));
    assert.equal(recorder.bare.size, 0);
    recorder.answered(answer(503, { code: "OVERLOADED" }));
    recorder.answered(answer(502, undefined, 1_000));
    recorder.answered(answer(500, { error: "mati" }));
    assert.deepEqual([...recorder.bare], [["OVERLOADED", 1], ["HTTP_502", 1], ["HTTP_500", 1]]);
  });

  it("merges spans of the same time into one with the worst of each", () => {
    at(100, answer(201));
    at(150, answer(503, { code: "OVERLOADED" }));
    now = 1_000;
    const one = recorder.span();
    at(1_900, answer(503, { code: "OVERLOADED" }));
    at(1_950, answer(502, undefined));
    const both = merge([one, recorder.span()]);
    assert.deepEqual([both.requests, [...both.errors]], [4, [["OVERLOADED", 2], ["HTTP_502", 1]]]);
    assert.deepEqual([both.unavailableMs, both.p99Ms], [950, 10]);
  });

  function at(ms: number, answer: Answer): void {
    now = ms;
    recorder.answered(answer);
  }
});

function answer(status: number, body?: unknown, retryAfterMs = 0): Answer {
  return { kind: "answered", status, body, retryAfterMs, ms: 10 };
}
