import { getLogger } from "@logtape/logtape";
import type { DeadLetters } from "../../shared/dead_letters/dead_letters.ts";
import {
  SEND_DEADLINE_MS,
  type SmsIntent,
  type SmsLedger,
  type SmsOutcome,
  type SmsSender,
} from "../../shared/ports/sms.ts";
import { sleep } from "../../shared/resilience/backoff.ts";
import type { Pace } from "./pace.ts";

/**
 * Finds out what became of messages whose fate nobody knows: their process died between claim and settlement, or the
 * sender's answer left it open. Each is decided once its lease has run out, by whichever process comes first; an
 * event that is delivered again does not touch it.
 */
export class Recovery {
  readonly #parts: RecoveryParts;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running = this.#run(this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Decides all that is due now. What cannot be decided yet stays claimed for one more lease. */
  async processAll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const due = await this.#parts.ledger.takeOver(TOGETHER);
      if (due.length === 0) return;
      await Promise.all(due.map((intent) => this.#decide(intent, signal)));
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { everyMs = EVERY_MS } = this.#parts;
    while (!signal.aborted) {
      try {
        await this.processAll(signal);
      } catch (error) {
        log.warn("Recovery of uncertain SMS failed, trying again: {error}", { error: nameOf(error) });
      }
      // Jitter, so that many processes do not ask the ledger at the same instant.
      await sleep(everyMs * (0.5 + Math.random()), signal);
    }
  }

  async #decide(intent: SmsIntent, signal: AbortSignal): Promise<void> {
    const { ledger, sender, observe = () => {} } = this.#parts;
    try {
      const outcome = sender.idempotent ? await this.#sendAgain(intent, signal) : await this.#lookUp(intent);
      // First, because after the settlement nobody would come back to write it.
      if (outcome?.kind === "parked") await this.#bury(intent, outcome.code);
      if (outcome) await ledger.settle(intent.id, outcome);
      if (outcome?.kind === "parked") {
        log.error("SMS of event {eventId} is parked: {code}", {
          eventId: intent.eventId,
          code: outcome.code,
        });
      }
      observe({ outcome: outcome?.kind ?? "open" });
    } catch (error) {
      if (signal.aborted) return;
      log.warn("Cannot tell what became of the SMS of event {eventId}: {error}", {
        eventId: intent.eventId,
        error: nameOf(error),
      });
      observe({ outcome: "open" });
    }
  }

  /** The event is not at hand any more: the letter names the SMS, which the ledger keeps. */
  #bury(intent: SmsIntent, code: string): Promise<void> {
    const cause = {
      code: `SMS_PARKED_${code}`,
      message: "Nobody knows whether the sender took this SMS",
      attempts: 1,
    };
    return this.#parts.deadLetters.sendSms(intent, cause, AbortSignal.timeout(DEAD_LETTER_MS));
  }

  async #sendAgain(intent: SmsIntent, signal: AbortSignal): Promise<SmsOutcome | undefined> {
    const { sender, pace } = this.#parts;
    await pace.ready(signal);
    const result = await sender.send(intent, AbortSignal.timeout(SEND_DEADLINE_MS));
    switch (result.kind) {
      case "sent":
        pace.answered();
        return result;
      case "refused":
        pace.answered();
        return { kind: "parked", code: result.code };
      case "throttled":
        return void pace.throttled(result.retryAfterMs);
      case "ambiguous":
        return void pace.uncertain();
    }
  }

  async #lookUp(intent: SmsIntent): Promise<SmsOutcome> {
    const providerId = await this.#parts.sender.find(intent, AbortSignal.timeout(SEND_DEADLINE_MS));
    // A list that lacks the message proves nothing: to send now could mean to send twice.
    return providerId === undefined ? { kind: "parked", code: "NOT_FOUND" } : { kind: "sent", providerId };
  }
}

/** The message may quote what was sent. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

const TOGETHER = 50;
const EVERY_MS = 5_000;
const DEAD_LETTER_MS = 10_000;

export interface RecoveryParts {
  readonly ledger: SmsLedger;
  readonly sender: SmsSender;
  readonly pace: Pace;
  readonly deadLetters: Pick<DeadLetters, "sendSms">;
  /** Milliseconds between two looks into the ledger. */
  readonly everyMs?: number;
  readonly observe?: (seen: { readonly outcome: SmsOutcome["kind"] | "open" }) => void;
}

const log = getLogger(["kependudukan", "notification"]);
