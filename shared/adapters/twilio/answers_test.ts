import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { faultOf, toSendResult } from "./answers.ts";
import { Answered, Unsent } from "./fetch_client.ts";

describe("What a failed call means for the message", () => {
  const WAIT = { kind: "throttled", retryAfterMs: 1_000 } as const;
  const STOP = { kind: "throttled", retryAfterMs: 60_000 } as const;
  for (
    const [status, code, result] of [
      [429, 20429, WAIT],
      [429, undefined, WAIT],
      [400, 21611, WAIT],
      [401, 20003, STOP],
      [401, undefined, STOP],
      [403, undefined, STOP],
      [403, 20005, STOP],
      [404, 20404, STOP],
      [400, 21606, STOP],
      [400, 21609, STOP],
      [400, 21211, { kind: "refused", code: "21211" }],
      [400, 99999, { kind: "refused", code: "99999" }],
      [404, undefined, STOP],
      [408, undefined, { kind: "ambiguous", code: "HTTP_408" }],
      [302, undefined, { kind: "ambiguous", code: "HTTP_302" }],
      [500, 20500, { kind: "ambiguous", code: "20500" }],
      [502, undefined, { kind: "ambiguous", code: "HTTP_502" }],
      [503, undefined, { kind: "ambiguous", code: "HTTP_503" }],
    ] as const
  ) {
    it(`status ${status} with code ${code ?? "none"}: ${result.kind}`, () => {
      assert.deepEqual(toSendResult(answered(status, code)), result);
    });
  }

  it("without a connection: nothing was taken", () => assert.deepEqual(toSendResult(new Unsent()), WAIT));

  it("with a connection that ended or an answer that never came: nobody knows", () => {
    assert.deepEqual(toSendResult(new TypeError("lost")), { kind: "ambiguous", code: "CONNECTION_LOST" });
    const late = new DOMException("late", "TimeoutError");
    assert.deepEqual(toSendResult(late), { kind: "ambiguous", code: "TIMEOUT" });
    assert.deepEqual(toSendResult(new SyntaxError("half")), { kind: "ambiguous", code: "UNREADABLE" });
  });
});

describe("A fault of ours", () => {
  for (
    const [status, code, variable] of [
      [401, 20003, "TWILIO_AUTH_TOKEN"],
      [401, undefined, "TWILIO_AUTH_TOKEN"],
      [403, 20005, "TWILIO_ACCOUNT_SID"],
      [400, 21212, "TWILIO_FROM"],
      [404, 21701, "TWILIO_FROM"],
      [400, 21609, "TWILIO_STATUS_CALLBACK"],
      [404, undefined, "TWILIO_API_URL"],
      [400, 21211, undefined],
      [408, undefined, undefined],
      [429, undefined, undefined],
      [500, undefined, undefined],
    ] as const
  ) {
    it(`of status ${status} and code ${code ?? "none"} lies in ${variable ?? "nothing of ours"}`, () => {
      assert.equal(faultOf(answered(status, code))?.variable, variable);
    });
  }
});

describe("Twilio's answer", () => {
  it("is quoted by its numbers alone, for its text may quote the message", () => {
    const error = new Answered(new Response(null, { status: 400 }), '{"code":21211,"message":"rahasia"}');
    assert.equal(error.message, 'Twilio answered with status "400" and code "21211"');
  });

  for (const body of ["", "<html>", "null", "[]", '{"code":"x"}', "{}"]) {
    it(`has no code when its body is ${body || "empty"}`, () => {
      assert.equal(new Answered(new Response(null, { status: 500 }), body).code, undefined);
    });
  }
});

function answered(status: number, code?: number): Answered {
  return new Answered(new Response(null, { status }), JSON.stringify({ code }));
}
