import type { Form } from "./mailbox.ts";

/** Twilio's shape of an error. */
export function answered({ status, code, message, headers = {} }: Refusal): Response {
  const more = `https://www.twilio.com/docs/errors/${code}`;
  return Response.json({ code, message, more_info: more, status }, { status, headers });
}

/**
 * Why Twilio would not take this message. The numbers +1500555… are its own for tests:
 * https://www.twilio.com/docs/iam/test-credentials
 */
export function invalid(form: Form): Refusal | undefined {
  const { To: to, From: from, MessagingServiceSid: service, Body: body, StatusCallback: callback } = form;
  const sender = from || service;
  if (!to) return refusal(21604, "A 'To' phone number is required");
  if (!sender) return refusal(21603, "A 'From' phone number is required");
  if (!body) return refusal(21602, "Message body is required");
  if (body.length > 1600) return refusal(21617, "The message body exceeds the 1600 character limit");
  if (callback !== undefined && !URL.canParse(callback)) {
    return refusal(21609, "Invalid 'StatusCallback' URL");
  }
  const bad = BAD_SENDERS.get(sender) ?? BAD_RECIPIENTS.get(to);
  if (bad !== undefined) return refusal(bad, "Not possible with this number");
  return /^\+[1-9]\d{6,14}$/.test(to) ? undefined : refusal(21211, "Invalid 'To' Phone Number");
}

function refusal(code: number, message: string): Refusal {
  return { status: 400, code, message };
}

export const UNAUTHENTICATED: Refusal = { status: 401, code: 20003, message: "Authenticate" };
export const NOT_FOUND: Refusal = {
  status: 404,
  code: 20404,
  message: "The requested resource was not found",
};
export const THROTTLED: Refusal = { status: 429, code: 20429, message: "Too Many Requests" };
export const UNWELL: Refusal = { status: 500, code: 20500, message: "Internal error" };

const BAD_RECIPIENTS: ReadonlyMap<string, number> = new Map([
  ["+15005550001", 21211],
  ["+15005550002", 21612],
  ["+15005550003", 21408],
  ["+15005550004", 21610],
  ["+15005550009", 21614],
]);

/** Twilio's, and one of each kind that this system sends by. */
const BAD_SENDERS: ReadonlyMap<string, number> = new Map([
  ["+15005550001", 21212],
  ["+15005550007", 21606],
  ["+15005550008", 21611],
  ["ASING", 21212],
  [`MG${"0".repeat(32)}`, 21701],
]);

export interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}
