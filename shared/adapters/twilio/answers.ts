import type { SendResult } from "../../ports/sms.ts";
import { Answered, Unsent } from "./fetch_client.ts";

/** What a failed call means for the message. */
export function toSendResult(error: unknown): Exclude<SendResult, { kind: "sent" }> {
  if (error instanceof Unsent) return { kind: "throttled", retryAfterMs: AWAY_MS };
  if (!(error instanceof Answered)) return { kind: "ambiguous", code: lost(error) };
  const { status, code, retryAfterMs } = error;
  if (faultOf(error)) return { kind: "throttled", retryAfterMs: FAULT_MS };
  if (status === 429 || BUSY.has(code)) return { kind: "throttled", retryAfterMs: retryAfterMs ?? AWAY_MS };
  const refused = status >= 400 && status < 500 && code !== undefined;
  return { kind: refused ? "refused" : "ambiguous", code: String(code ?? `HTTP_${status}`) };
}

/**
 * What is wrong with our account or configuration, if that is why the call failed. No message is to blame for it, so
 * none is refused: all wait until a person has mended it.
 */
export function faultOf(error: unknown): Fault | undefined {
  if (!(error instanceof Answered)) return undefined;
  const { status, code } = error;
  if (code !== undefined) return FAULTS.get(code);
  if (status === 401 || status === 403) return FAULTS.get(20003);
  // Busy, or gave up waiting at an end that nobody knows: any server may say so.
  if (status === 429 || status === 408) return undefined;
  return status >= 400 && status < 500 ? STRANGER : undefined;
}

export interface Fault {
  /** The variable to look at. */
  readonly variable: string;
  /** Goes on from the variable's name. */
  readonly sentence: string;
}

/** A refusal without a code of Twilio's is not Twilio's. */
export const STRANGER: Fault = {
  variable: "TWILIO_API_URL",
  sentence: "names a server that does not answer as Twilio does",
};

// https://www.twilio.com/docs/api/errors
const FAULTS: ReadonlyMap<number, Fault> = new Map([
  [20003, { variable: "TWILIO_AUTH_TOKEN", sentence: "is not the token of TWILIO_ACCOUNT_SID" }],
  [20005, { variable: "TWILIO_ACCOUNT_SID", sentence: "names an account that is not active" }],
  [20404, { variable: "TWILIO_ACCOUNT_SID", sentence: "names an account that Twilio does not know" }],
  ...[21212, 21603, 21606, 21659, 21701, 21703].map((code) =>
    [code, { variable: "TWILIO_FROM", sentence: "names a sender that the account cannot send by" }] as const
  ),
  [21609, { variable: "TWILIO_STATUS_CALLBACK", sentence: "is not an address that Twilio can call" }],
]);

/** Too many at once, and the sender's queue is full. */
const BUSY: ReadonlySet<number | undefined> = new Set([20429, 21611]);

function lost(error: unknown): string {
  if (error instanceof SyntaxError) return "UNREADABLE";
  return error instanceof DOMException && error.name === "TimeoutError" ? "TIMEOUT" : "CONNECTION_LOST";
}

const AWAY_MS = 1_000;
const FAULT_MS = 60_000;
