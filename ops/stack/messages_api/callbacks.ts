import pLimit from "p-limit";
import type { Conduct } from "./conduct.ts";
import type { Message } from "./mailbox.ts";

/** Reports on accepted messages to the address that they came with, signed as Twilio signs. */
export class Callbacks {
  readonly #options: CallbacksOptions;
  readonly #limit = pLimit(AT_ONCE);
  /** Reports that were answered with 2xx, and the others. */
  readonly count = { taken: 0, lost: 0 };

  constructor(options: CallbacksOptions) {
    this.#options = options;
  }

  /** Begins at once, so that a report may overtake the answer to the message. */
  report(message: Message): void {
    const { statusCallback } = message;
    if (statusCallback === undefined) return;
    const { reports, reportCode } = this.#options.conduct.orders;
    void this.#limit(async () => {
      for (const status of reports) {
        message.status = status;
        const taken = await this.#post(statusCallback, this.#form(message, reportCode));
        this.count[taken ? "taken" : "lost"]++;
      }
    });
  }

  #form({ sid, to, from, status }: Message, reportCode: string): Record<string, string> {
    return {
      AccountSid: this.#options.sid,
      ApiVersion: "2010-04-01",
      ...(from !== null && { From: from }),
      MessageSid: sid,
      MessageStatus: status,
      SmsSid: sid,
      SmsStatus: status,
      To: to,
      ...((status === "failed" || status === "undelivered") && { ErrorCode: reportCode }),
    };
  }

  async #post(statusCallback: string, form: Record<string, string>): Promise<boolean> {
    const url = new URL(statusCallback);
    url.hash = "";
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "x-twilio-signature": await signature(this.#options.token, url.href, form) },
        body: new URLSearchParams(form),
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }
}

/**
 * HMAC-SHA1, under the account's token, of the address and each field with its value, sorted by field.
 * Source: https://www.twilio.com/docs/usage/security#validating-requests
 */
export async function signature(
  token: string,
  url: string,
  form: Readonly<Record<string, string>>,
): Promise<string> {
  const encoder = new TextEncoder();
  const fields = Object.keys(form).sort().map((name) => `${name}${form[name]}`);
  const algorithm = { name: "HMAC", hash: "SHA-1" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(token), algorithm, false, ["sign"]);
  const signed = await crypto.subtle.sign("HMAC", key, encoder.encode(url + fields.join("")));
  return btoa(String.fromCharCode(...new Uint8Array(signed)));
}

const AT_ONCE = 50;
const DEADLINE_MS = 15_000;

export interface CallbacksOptions {
  readonly sid: string;
  readonly token: string;
  readonly conduct: Conduct;
}
