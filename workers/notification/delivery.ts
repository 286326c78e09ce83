import { getLogger } from "@logtape/logtape";
import pLimit from "p-limit";
import {
  SEND_DEADLINE_MS,
  type SendResult,
  type SmsId,
  type SmsIntent,
  type SmsLedger,
  type SmsSender,
} from "../../shared/ports/sms.ts";
import { untilAborted } from "../../shared/resilience/until_aborted.ts";
import { callWithin, within } from "../../shared/resilience/within.ts";
import { Lanes } from "./lanes.ts";
import type { Pace } from "./pace.ts";

/**
 * Hands messages to the sender: many at once, those of one officer in order, each claimed in the ledger just before. So
 * few messages are under way when the process dies, and those that wait hold no claim that would look abandoned. The next
 * ones of an officer are claimed while the one before them is sent: a busy officer would else wait for both in turn, and
 * all that came in the same batch for that officer.
 */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #lanes = new Lanes(AHEAD);
  /** Messages that were claimed before their turn, and still wait for it. */
  #ahead = 0;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#limit = pLimit(parts.inFlight ?? IN_FLIGHT);
  }

  /**
   * Resolves when the message has left this process' hands. Rejects when the signal aborts before it was sent, or
   * when the ledger fails: then the event must come again.
   */
  async deliver(order: Order): Promise<Delivered> {
    const handedOver = this.#parts.sender.ordered
      ? await this.#limit(() => this.#handOver(order))
      : await this.#lanes.run(order.intent.to, (turn) => this.#inTurn(order, turn));
    // Outside of the lane: the officer's next message waits for this one to be sent, not for it to be written down.
    return await this.#writeDown(handedOver, order);
  }

  /** What was claimed under the id. */
  find(id: SmsId): Promise<SmsIntent | undefined> {
    return this.#parts.ledger.find(id);
  }

  /** Rejects while the ledger cannot be reached. */
  check(signal: AbortSignal): Promise<void> {
    return this.#parts.ledger.check(signal);
  }

  async #inTurn(order: Order, turn: Promise<void> | undefined): Promise<HandedOver> {
    if (!turn) return await this.#limit(() => this.#handOver(order));
    const ahead = await this.#claimAhead(order, turn);
    if (ahead === "known") return { kind: "known" };
    if (ahead === undefined) await turn;
    return await this.#limit(() => this.#handOver(order, ahead));
  }

  /** "claimed" when its turn has come and it can be sent at once; undefined when it is to be claimed at its turn. */
  async #claimAhead({ intent, again, signal }: Order, turn: Promise<void>): Promise<Claim | undefined> {
    const { ledger } = this.#parts;
    if (again || this.#ahead >= MOST_AHEAD || !this.#isFree()) return undefined;
    this.#ahead++;
    try {
      if (await ledger.claim(intent, signal) === "known") return "known";
      const inTime = within(SEND_DEADLINE_MS, untilAborted(turn, signal)).then(() => true, () => false);
      if (await inTime && this.#isFree()) return "claimed";
      await ledger.release(intent.id);
      return undefined;
    } finally {
      this.#ahead--;
    }
  }

  /** Whether a message would wait neither for the provider nor for others. */
  #isFree(): boolean {
    const { activeCount, pendingCount, concurrency } = this.#limit;
    return activeCount + pendingCount < concurrency && this.#parts.pace.isOpen();
  }

  async #handOver({ intent, again, signal }: Order, ahead?: "claimed"): Promise<HandedOver> {
    const { ledger, sender, pace } = this.#parts;
    for (let claimed = ahead === "claimed";; claimed = false) {
      if (!claimed) {
        await pace.ready(signal);
        if (await ledger.claim(intent, signal) === "known") {
          const known = again ? await this.#reopen(intent) : { kind: "known" } as const;
          if (known !== "reopened") return known;
        }
      }
      // From here on the signal is not heeded: a call that is cut off leaves a message whose fate nobody knows.
      const result = await callWithin(SEND_DEADLINE_MS, (deadline) => sender.send(intent, deadline));
      if (result.kind !== "throttled") return result;
      pace.throttled(result.retryAfterMs);
      // Of a replayed message the ledger may have the only copy, whoever dies meanwhile.
      await (again ? ledger.settle(intent.id, THROTTLED) : ledger.release(intent.id));
      log.info("Sender asks to wait {retryAfterMs} ms", { retryAfterMs: result.retryAfterMs });
    }
  }

  /** A parked message may have been taken after all: it is looked up once more before it is sent again. */
  async #reopen(intent: SmsIntent): Promise<HandedOver | "reopened"> {
    const { ledger, sender } = this.#parts;
    const reopened = await ledger.reopen(intent);
    if (!reopened) return { kind: "known" };
    if (reopened.ended === "refused") return "reopened";
    try {
      const providerId = await sender.find(reopened.earlier ?? intent, AbortSignal.timeout(SEND_DEADLINE_MS));
      return providerId === undefined ? "reopened" : { kind: "sent", providerId };
    } catch (error) {
      return { kind: "ambiguous", code: error instanceof Error ? error.name : typeof error };
    }
  }

  async #writeDown(handedOver: HandedOver, { intent, refused }: Order): Promise<Delivered> {
    const { ledger, pace } = this.#parts;
    switch (handedOver.kind) {
      case "known":
        return "known";
      case "sent":
        pace.answered();
        await ledger.settle(intent.id, handedOver);
        return "sent";
      case "refused":
        pace.answered();
        // First, because after the settlement nobody would come back to write it.
        await refused(handedOver.code);
        await ledger.settle(intent.id, handedOver);
        return "refused";
      case "ambiguous":
        pace.uncertain();
        log.warn("Sender left open whether it took the SMS of event {eventId}: {code}", {
          eventId: intent.eventId,
          code: handedOver.code,
        });
        return "uncertain";
    }
  }
}

/** What came of the call, once the sender takes messages at all. */
type HandedOver = { readonly kind: "known" } | Exclude<SendResult, { kind: "throttled" }>;

export type Delivered =
  | "sent"
  | "refused"
  /** Claimed before: it was sent, or another process is at it, or the recovery will be. */
  | "known"
  /** Stays claimed; the recovery finds out. */
  | "uncertain";

export interface Order {
  readonly intent: SmsIntent;
  /** A person wants it tried again: what was refused or parked is claimed anew. */
  readonly again: boolean;
  /** Heeded until the message is claimed. */
  readonly signal: AbortSignal;
  /** Writes down durably that the sender will never take the message. */
  readonly refused: (code: string) => Promise<void>;
}

export interface DeliveryParts {
  readonly ledger: SmsLedger;
  readonly sender: SmsSender;
  readonly pace: Pace;
  /** Messages under way at once. */
  readonly inFlight?: number;
}

const IN_FLIGHT = 200;
const THROTTLED = { kind: "parked", code: "THROTTLED" } as const;

/** Messages of one officer that are claimed while the one before them is sent. */
const AHEAD = 2;
/** Of all officers. What dies with its claim before it was sent is left to a person, as if it had been sent. */
const MOST_AHEAD = 50;

type Claim = "claimed" | "known";

const log = getLogger(["kependudukan", "notification"]);
