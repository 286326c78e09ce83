import { getLogger } from "@logtape/logtape";
import twilio from "twilio";
import type { SendResult, Sms, SmsId, SmsSender } from "../../ports/sms.ts";
import { reach, Unusable } from "../../resilience/reach.ts";
import { type Secret, toSecret } from "../../security/secret.ts";
import { inSmsSpan } from "../../telemetry/sms_span.ts";
import { type Fault, faultOf, STRANGER, toSendResult } from "./answers.ts";
import { Answered, FetchClient, Unsent } from "./fetch_client.ts";
import { callbackUrl } from "./signature.ts";

/**
 * Sends by Twilio. Resolves when Twilio knows the account; rejects with `Unusable` when it does not or cannot be
 * reached.
 */
export async function openTwilioSender(options: TwilioOptions): Promise<SmsSender> {
  const sender = new TwilioSender(options);
  const target = { variable: "TWILIO_API_URL", server: "Twilio", explain, ...options.start };
  await reach(target, (signal) => sender.check(signal));
  return sender;
}

/**
 * Twilio takes a message as often as it is sent: it has no idempotency key. So one that may have been taken is not
 * sent again but looked for.
 */
class TwilioSender implements SmsSender {
  readonly idempotent = false;
  readonly ordered = false;
  readonly #options: TwilioOptions;
  readonly #from: From;
  readonly #http: FetchClient;
  readonly #twilio: ReturnType<typeof twilio>;
  #alertedAt = -Infinity;

  constructor(options: TwilioOptions) {
    this.#options = options;
    this.#from = toFrom(options.from);
    const { accountSid, authToken, apiUrl = "https://api.twilio.com" } = options;
    this.#http = new FetchClient(apiUrl, { accountSid, authToken: toSecret(authToken) });
    // The package would keep a token for good: the client puts the one of the moment into each request.
    this.#twilio = twilio(accountSid, "-", { httpClient: this.#http });
  }

  send(sms: Sms, signal: AbortSignal): Promise<SendResult> {
    return inSmsSpan("twilio", () => this.#send(sms, signal));
  }

  async #send({ id, to, body }: Sms, signal: AbortSignal): Promise<SendResult> {
    if (signal.aborted) return { kind: "throttled", retryAfterMs: 0 };
    const { statusCallback } = this.#options;
    const message = {
      to,
      body,
      ...this.#from,
      ...(statusCallback !== undefined && { statusCallback: callbackUrl(statusCallback, id) }),
    };
    try {
      const { sid } = await this.#http.until(signal, () => this.#twilio.messages.create(message));
      return MESSAGE_SID.test(sid)
        ? { kind: "sent", providerId: sid }
        : { kind: "ambiguous", code: "NO_SID" };
    } catch (error) {
      const fault = faultOf(error);
      if (fault) this.#alert(fault, error);
      return toSendResult(error);
    }
  }

  /**
   * The oldest message to this number with this text that Twilio took after the registration. That is all by which a
   * message can be known there, hence the limits: of two registrations with equal texts (same name, province and masked
   * NIK) for one officer, the earlier one can find the later one's message; what Twilio has not listed yet is not
   * found. Where `statusCallback` is set, Twilio's own report mostly comes before anybody has to look, and it names
   * the message (`SmsLedger.report`). There is no filter by date: it goes by the date of sending, which messages in
   * Twilio's queue do not have yet.
   */
  find({ id, to, body }: Sms, signal: AbortSignal): Promise<string | undefined> {
    return this.#http.until(signal, async () => {
      const since = registeredAt(id) - CLOCKS_MS;
      let found: string | undefined;
      // Newest first.
      let page = await this.#twilio.messages.page({ to, pageSize: PAGE_SIZE });
      for (let pages = 1;; pages++) {
        const recent = page.instances.filter(({ dateCreated }) => dateCreated.getTime() >= since);
        found = recent.findLast((message) => message.body === body)?.sid ?? found;
        if (recent.length < PAGE_SIZE || pages === MAX_PAGES) return found;
        const { nextPageUrl } = page;
        if (nextPageUrl === undefined) return found;
        page = await this.#twilio.messages.getPage(nextPageUrl);
      }
    });
  }

  async check(signal: AbortSignal): Promise<void> {
    const { accountSid } = this.#options;
    try {
      const read = () => this.#twilio.api.v2010.accounts(accountSid).fetch();
      const { status } = await this.#http.until(signal, read);
      if (status !== "active") {
        throw new Unusable("TWILIO_ACCOUNT_SID", "names an account that is not active");
      }
    } catch (error) {
      // A page, or a way to somewhere else.
      const stranger = error instanceof SyntaxError || (error instanceof Answered && error.status < 400);
      const fault = stranger ? STRANGER : faultOf(error);
      throw fault ? new Unusable(fault.variable, fault.sentence, { cause: error }) : error;
    }
  }

  /** Once a minute, since every message that is tried meanwhile fails alike. */
  #alert({ variable, sentence }: Fault, error: unknown): void {
    const now = performance.now();
    if (now < this.#alertedAt + ALERT_MS) return;
    this.#alertedAt = now;
    const code = error instanceof Answered ? error.code : undefined;
    log.error("No SMS leaves until a person acts: {variable} {sentence} (Twilio code {code})", {
      variable,
      sentence,
      code,
    });
  }
}

/** Numbers are refused: Indonesia lets nobody send by one of Twilio's. */
function toFrom(from: string): From {
  if (/^MG[0-9a-f]{32}$/i.test(from)) return { messagingServiceSid: from };
  if (/^(?=.*[a-z])[a-z0-9 ]{1,11}$/i.test(from)) return { from };
  throw new Unusable(
    "TWILIO_FROM",
    "must be a sender of 1 to 11 letters and digits, or a messaging service MG…",
  );
}

/** An event's id is a UUIDv7, whose first 48 bits are its time in Unix milliseconds: RFC 9562, 5.7. */
function registeredAt(id: SmsId): number {
  return id[14] === "7" ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : 0;
}

function explain(error: unknown): string {
  if (error instanceof Unsent) return "no connection";
  return error instanceof Answered ? `status ${error.status}` : "no answer";
}

const MESSAGE_SID = /^(SM|MM)[0-9a-f]{32}$/i;
/** The largest that Twilio lists at once. */
const PAGE_SIZE = 1_000;
const MAX_PAGES = 10;
/** How far Twilio's clock may be behind ours: it tells whole seconds. */
const CLOCKS_MS = 5_000;
const ALERT_MS = 60_000;

export interface TwilioOptions {
  readonly accountSid: string;
  readonly authToken: Secret | string;
  /** A registered alphanumeric sender, or a messaging service (MG…). */
  readonly from: string;
  readonly apiUrl?: string;
  /** The public address of `/sms/status`; without it Twilio is not asked to report deliveries. */
  readonly statusCallback?: string | undefined;
  /** How long the start waits for Twilio. */
  readonly start?: { readonly withinMs?: number; readonly signal?: AbortSignal };
}

type From = { readonly from: string } | { readonly messagingServiceSid: string };

const log = getLogger(["kependudukan", "sms"]);
