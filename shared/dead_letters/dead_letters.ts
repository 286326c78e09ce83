import type { EventLog, Group, StoredRecord, Topic } from "../ports/event_log.ts";
import { type Failure, writeLetter } from "./letter.ts";
import { readReplay } from "./replay.ts";

/** Where records go that a consumer cannot deal with, so that they neither block the line nor get lost. */
export interface DeadLetters {
  /**
   * Resolves when the letter is durable; rejects when it may not be, and then the record must not be committed. A
   * record that is delivered again may leave a second letter: the two name the same origin. One that was replayed goes
   * on from its first failure.
   */
  send(record: StoredRecord, place: Place, cause: Cause, signal: AbortSignal): Promise<void>;
  /** The same for an SMS whose record is not at hand; its letter has no value, and names the SMS. */
  sendSms(
    sms: { readonly id: string; readonly eventId: string },
    cause: Cause,
    signal: AbortSignal,
  ): Promise<void>;
}

export function deadLetters(eventLog: Pick<EventLog, "publish">, options: DeadLetterOptions): DeadLetters {
  const { group, now = () => new Date(), onArrival = () => {} } = options;
  const failureOf = ({ code, message, attempts, traceId }: Cause) => {
    return { group, code, message, attempts, traceId, firstFailedAt: now() };
  };
  return {
    async send(record, { topic, partition }, cause, signal) {
      const { key, value, headers, offset, timestamp } = record;
      const replay = readReplay(record);
      const failure: Failure = {
        ...failureOf(cause),
        origin: { topic, partition, offset, timestamp },
        smsId: undefined,
        traceId: cause.traceId ?? traceIdOf(record),
        ...(replay && goneOn(replay.failure, cause)),
      };
      const letter = writeLetter(replay?.record ?? { key, value, headers }, failure);
      await eventLog.publish(TOPIC, [letter], signal);
      onArrival(cause.code);
    },
    async sendSms({ id, eventId }, cause, signal) {
      const record = { key: new TextEncoder().encode(eventId), value: null, headers: [] };
      const letter = writeLetter(record, { ...failureOf(cause), origin: undefined, smsId: id });
      await eventLog.publish(TOPIC, [letter], signal);
      onArrival(cause.code);
    },
  };
}

/** The value of a poisoned record cannot be read, but its header can. */
function traceIdOf({ headers }: StoredRecord): string | undefined {
  const [, traceparent] = headers.find(([name]) => name === "traceparent") ?? [];
  return traceparent && new TextDecoder().decode(traceparent).match(/^[0-9a-f]{2}-([0-9a-f]{32})-/)?.[1];
}

/** What of the first failure stays when a replay fails too. */
function goneOn(first: Failure, { attempts }: Cause): Partial<Failure> {
  const { origin, firstFailedAt, smsId } = first;
  return { origin, firstFailedAt, smsId, attempts: first.attempts + attempts };
}

export interface DeadLetterOptions {
  /** On whose behalf letters are sent. */
  readonly group: Group;
  readonly now?: () => Date;
  /** Told the code of each letter that was written. */
  readonly onArrival?: (code: string) => void;
}

export interface Place {
  readonly topic: Topic;
  readonly partition: number;
}

export interface Cause {
  /** One of the consumer's own words for what can go wrong, never the text of an error: that may quote the data. */
  readonly code: string;
  /** A sentence for people, of which the same holds. */
  readonly message: string;
  /** How often the record was tried. */
  readonly attempts: number;
  readonly traceId?: string | undefined;
}

const TOPIC: Topic = "pendaftaran-events.dlq";
