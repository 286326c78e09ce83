import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "@std/testing/bdd";
import { smsId } from "../../ports/sms.ts";
import { callbackUrl, isSigned } from "./signature.ts";

const id = smsId("01a204bf-6d31-7403-9d86-821ff838d981", "default");
const authToken = "rahasia";
const form = { MessageStatus: "delivered", MessageSid: "SM1", To: "+15005550006" };
const FIELDS = "MessageSidSM1MessageStatusdeliveredTo+15005550006";

describe("The address for Twilio's reports", () => {
  for (
    const [statusCallback, url] of [
      ["https://gov.test/sms/status", "https://gov.test/sms/status?id="],
      ["https://gov.test/sms/status?x=1", "https://gov.test/sms/status?x=1&id="],
      ["https://gov.test:8443/sms/status", "https://gov.test:8443/sms/status?id="],
    ] as const
  ) {
    it(`names the message behind ${statusCallback}, and reports are signed for it`, () => {
      const whole = `${url}01a204bf-6d31-7403-9d86-821ff838d981%3Adefault`;
      assert.equal(callbackUrl(statusCallback, id), whole);
      const signature = hmac(whole + FIELDS);
      assert.ok(isSigned({ id, signature, form }, { authToken, statusCallback }));
    });
  }

  it("keeps Twilio's settings in the fragment, which is not signed", () => {
    const statusCallback = "https://gov.test/sms/status#rc=3&rp=5xx,ct,rt";
    const [request = "", fragment] = callbackUrl(statusCallback, id).split("#");
    assert.equal(fragment, "rc=3&rp=5xx,ct,rt");
    const signature = hmac(request + FIELDS);
    assert.ok(isSigned({ id, signature, form }, { authToken, statusCallback }));
  });

  it("does not believe a signature for another host, path, message, field or token", () => {
    const statusCallback = "https://gov.test/sms/status";
    const good = callbackUrl(statusCallback, id);
    const options = { authToken, statusCallback };
    for (
      const forged of [
        good.replace("gov.test", "gov.evil") + FIELDS,
        good.replace("/sms/status", "/sms/other") + FIELDS,
        good.replace("default", "other") + FIELDS,
        `${good}${FIELDS}Zx`,
        good,
      ]
    ) {
      assert.ok(!isSigned({ id, signature: hmac(forged), form }, options));
    }
    assert.ok(!isSigned({ id, signature: hmac(good + FIELDS, "another"), form }, options));
  });
});

/** Not by the package, so that the two must agree. */
function hmac(text: string, token = authToken): string {
  return createHmac("sha1", token).update(text).digest("base64");
}
