import twilio from "twilio";
import type { SmsId } from "../../ports/sms.ts";
import { type Secret, toSecret } from "../../security/secret.ts";

/**
 * Where Twilio is to report on one message. The address names the message, so that a report finds it that overtakes
 * the answer to the sending, or comes although that answer was lost. A fragment stays: Twilio reads from it how often
 * to try again (`#rc=3&rp=5xx,ct,rt`, https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
 */
export function callbackUrl(statusCallback: string, id: SmsId): string {
  const url = new URL(statusCallback);
  url.searchParams.set("id", id);
  return url.href;
}

/**
 * Whether a report on the message was signed by Twilio: X-Twilio-Signature is the HMAC-SHA1, under the account's
 * token, of the public address and the form's fields in their order. What was signed under the token before is taken.
 * Source: https://www.twilio.com/docs/usage/security#validating-requests
 */
export function isSigned(report: SignedReport, { authToken, statusCallback }: SignatureOptions): boolean {
  const url = new URL(callbackUrl(statusCallback, report.id));
  // It is not part of the request, nor of what is signed.
  url.hash = "";
  return toSecret(authToken).values().some((token) =>
    twilio.validateRequest(token, report.signature, url.href, report.form)
  );
}

export interface SignedReport {
  readonly id: SmsId;
  readonly signature: string;
  readonly form: Readonly<Record<string, string>>;
}

export interface SignatureOptions {
  readonly authToken: Secret | string;
  readonly statusCallback: string;
}
