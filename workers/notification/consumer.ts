import { getLogger } from "@logtape/logtape";
import type { Cause, DeadLetters } from "../../shared/dead_letters/dead_letters.ts";
import { recordsFor } from "../../shared/dead_letters/replay.ts";
import type {
  Consumer,
  EventLog,
  Group,
  PartitionBatch,
  StoredRecord,
} from "../../shared/ports/event_log.ts";
import { sleep } from "../../shared/resilience/backoff.ts";
import { tryInPlace } from "../../shared/resilience/in_place.ts";
import { spanOf } from "../../shared/telemetry/messaging.ts";
import { within } from "../../shared/telemetry/span.ts";
import type { Delivered } from "./delivery.ts";
import { type Plan, planner, type PlanParts } from "./plan.ts";

/** Tells the officers of a province of each registration in it. */
export function createNotificationConsumer(eventLog: EventLog, parts: NotificationParts): Consumer {
  return eventLog.consume("pendaftaran-events", GROUP, (batch) => notify(batch, parts));
}

/**
 * Resolves when each record of the batch is dealt with; rejects when one of them must come again, after all that was
 * begun has ended. Records that come again send nothing twice: the ledger knows what left.
 */
export async function notify(batch: PartitionBatch, parts: NotificationParts): Promise<void> {
  const stop = new AbortController();
  const done = new AbortController();
  const fail = (error: unknown) => stop.abort(error);
  const signal = AbortSignal.any([batch.signal, stop.signal]);
  const heartbeats = beat(batch, done.signal).catch(fail);
  const planOf = planner(parts, signal);
  const open: Promise<void>[] = [];
  for (const [i, record] of recordsFor(GROUP, batch.records).entries()) {
    // Bounds what is decrypted ahead, and lets others have the thread.
    await open[i - OPEN_RECORDS];
    if (signal.aborted) {
      fail(signal.reason);
      break;
    }
    const span = spanOf(record);
    try {
      const plan = await within(span, () => planOf(record));
      const carriedOut = within(span, () => carryOut(plan, { record, batch, signal }, parts));
      open.push(carriedOut.then(() => span?.end()).catch(fail));
    } catch (error) {
      fail(error);
    }
  }
  await Promise.all(open);
  done.abort("done"); // without a reason, an error is made for it
  await heartbeats;
  stop.signal.throwIfAborted();
}

async function carryOut(
  plan: Plan,
  { record, batch, signal }: Task,
  parts: NotificationParts,
): Promise<void> {
  const { delivery, deadLetters, inPlace, observe = () => {} } = parts;
  if (plan.kind === "nothing") return;
  if (plan.kind === "synthetic") return observe({ outcome: "synthetic" });
  const bury = (cause: Cause) => {
    log.warn("Event is a dead letter: {code}", { code: cause.code, traceId: cause.traceId });
    return deadLetters.send(record, batch, cause, AbortSignal.timeout(DEAD_LETTER_MS));
  };
  if (plan.kind === "dead") {
    await bury(plan.cause);
    return observe({ outcome: "dead" });
  }
  const { intents, again, traceId, since } = plan;
  await Promise.all(intents.map(async (intent) => {
    const refused = (code: string) => bury({ ...refusal(code), attempts: 1, traceId });
    const tried = await tryInPlace(
      () => delivery.deliver({ intent, again, signal, refused }),
      signal,
      inPlace,
    );
    if (tried.kind === "done") {
      return observe({
        outcome: tried.value,
        ...(since && { seconds: Math.max(0, Date.now() - since.getTime()) / 1000 }),
      });
    }
    // When all of the ledger is away, it is not the message's fault, and the next ones would fare no better.
    await delivery.check(signal);
    await bury({ ...NOT_LEDGERED, attempts: tried.tries, traceId });
    observe({ outcome: "dead" });
  }));
}

function refusal(code: string): Pick<Cause, "code" | "message"> {
  return { code: `SMS_REFUSED_${code}`, message: "The sender will never take this SMS as it is" };
}

const NOT_LEDGERED = { code: "SMS_LEDGER_FAILED", message: "The ledger does not take this SMS" };

/** Keeps the group from taking this member for dead, however long the sender asks to wait. */
async function beat(batch: PartitionBatch, done: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(HEARTBEAT_MS, done);
    if (done.aborted) return;
    await batch.heartbeat();
  }
}

const GROUP: Group = "notification-group";

/** Records of one batch that are read and not yet dealt with. */
const OPEN_RECORDS = 250;
const HEARTBEAT_MS = 3_000;
const DEAD_LETTER_MS = 10_000;

export interface NotificationParts extends PlanParts {
  readonly deadLetters: DeadLetters;
  readonly observe?: NotificationObserver;
}

export type NotificationObserver = (seen: {
  /** "dead": nothing in the event could be read, or not by us. "synthetic": read, and told to nobody. */
  readonly outcome: Delivered | "dead" | "synthetic";
  /** Since the registration; absent for what could not be read, and for a replay. */
  readonly seconds?: number;
}) => void;

interface Task {
  readonly record: StoredRecord;
  readonly batch: PartitionBatch;
  readonly signal: AbortSignal;
}

const log = getLogger(["kependudukan", "notification"]);
