import { getLogger } from "@logtape/logtape";
import { classify } from "../../shared/adapters/postgres/errors.ts";
import { keepSession, listen, type Session, withSession } from "../../shared/adapters/postgres/session.ts";
import { type EventLog, RecordsRefused } from "../../shared/ports/event_log.ts";
import { backoffMs, sleep } from "../../shared/resilience/backoff.ts";
import { Bell } from "../../shared/resilience/bell.ts";
import { deleteFromOutbox, type OutboxRow, parkInOutbox, readOutbox, toRecord } from "./outbox.ts";
import type { Secret } from "../../shared/security/secret.ts";
import { inBatchSpan } from "../../shared/telemetry/span.ts";
import { readTraceparent } from "../../shared/telemetry/trace.ts";

/**
 * Moves the outbox to the event log: the oldest rows first, each deleted only after it was published, so none is lost
 * and one may come twice. What the log refuses for what it is gets parked, so that it does not hold up the rest. Any
 * number may run: the one that holds the lock works, the others wait to take over. One that was frozen meanwhile can
 * change nothing, for its session ended with the lock; what it publishes late was published before.
 */
export function createRelay(options: RelayOptions): Relay {
  const { url, eventLog, backoff = backoffMs, drainMs = 4_000, onPublished = () => {} } = options;
  const stop = new AbortController();
  const cut = new AbortController();
  const session = { url, name: "relay", stop: stop.signal };
  let running: Promise<void> | undefined;

  return {
    start() {
      running ??= keepSession(session, async (session) => {
        const bell = new Bell();
        await listen(session, "outbox", () => bell.ring());
        await becomeLeader(session);
        while (!session.signal.aborted) {
          const rows = await relayBatch(session);
          if (rows === 0) await bell.wait(POLL_MS, session.signal);
          else if (rows < GATHER_ROWS) await sleep(GATHER_MS, session.signal);
        }
      });
    },
    processAll() {
      return withSession(session, async (session) => {
        await becomeLeader(session);
        let relayed = 0;
        while (!session.signal.aborted) {
          const rows = await relayBatch(session);
          if (rows === 0) break;
          relayed += rows;
        }
        return relayed;
      });
    },
    async stop() {
      stop.abort();
      const timer = setTimeout(() => cut.abort(), drainMs);
      await running;
      clearTimeout(timer);
    },
  };

  // It reads whatever is there, never what follows the last seq: transactions commit in another order than they
  // took their numbers.
  async function relayBatch(session: Session): Promise<number> {
    const rows = await readOutbox(session.client, BATCH_ROWS);
    return rows.length > 0 && await relayRows(rows, new Set(), session) ? rows.length : 0;
  }

  /** Halves what the log refuses until the row to blame stands alone; answers false when it has to stop. */
  async function relayRows(
    rows: readonly OutboxRow[],
    parked: Set<string>,
    session: Session,
  ): Promise<boolean> {
    const left = rows.filter((row) => !parked.has(row.aggregateid));
    const [row] = left;
    if (row === undefined) return true;
    const outcome = await publish(left, session);
    if (outcome.kind === "stopped") return false;
    if (outcome.kind === "published") {
      await deleteFromOutbox(session.client, left);
      return true;
    }
    if (left.length === 1) {
      await parkInOutbox(session.client, row, outcome.code);
      parked.add(row.aggregateid);
      log.error("Outbox row {seq} is parked, the event log refuses it: {code}", {
        seq: row.seq,
        code: outcome.code,
      });
      return true;
    }
    const middle = left.length >> 1;
    return await relayRows(left.slice(0, middle), parked, session) &&
      await relayRows(left.slice(middle), parked, session);
  }

  async function publish(rows: readonly OutboxRow[], { signal, lost }: Session): Promise<Published> {
    const records = rows.map(toRecord);
    const members = rows.flatMap((row) => readTraceparent(row.traceparent) ?? []);
    for (let attempt = 0; !signal.aborted; attempt++) {
      // A stop lets the attempt end, for rows that were published and not deleted come twice.
      const deadline = AbortSignal.any([lost, cut.signal, AbortSignal.timeout(PUBLISH_MS)]);
      try {
        await inBatchSpan(
          "relay",
          "relay outbox",
          { members },
          () => eventLog.publish("pendaftaran-events", records, deadline),
        );
        onPublished(records.length);
        return { kind: "published" };
      } catch (error) {
        const refused = error instanceof RecordsRefused ? error : undefined;
        if (refused && (rows.length > 1 || attempt + 1 === PARK_ATTEMPTS)) {
          return { kind: "refused", code: refused.code };
        }
        const { code } = classify(error);
        log.warn("Cannot publish {rows} rows: {code}", { rows: rows.length, attempt, code });
      }
      await sleep(backoff(attempt), signal);
    }
    return { kind: "stopped" };
  }
}

/** Resolves when this session holds the relay's lock, or when its signal aborts. */
async function becomeLeader({ client, signal }: Session): Promise<void> {
  while (!signal.aborted) {
    const { rows } = await client.query<{ leader: boolean }>(
      "select pg_try_advisory_lock(hashtextextended('outbox relay', 0)) as leader",
    );
    if (rows[0]?.leader) return log.info("Relay leads");
    await sleep(TAKE_OVER_MS, signal);
  }
}

export interface RelayOptions {
  readonly url: Secret | string;
  readonly eventLog: Pick<EventLog, "publish">;
  /** Milliseconds to wait after the failed attempt of this number, from 0. */
  readonly backoff?: (attempt: number) => number;
  /** Milliseconds that the batch under way gets to end once the relay is stopped; 4,000 unless told. */
  readonly drainMs?: number;
  /** Told of each batch that the log took. */
  readonly onPublished?: (rows: number) => void;
}

export interface Relay {
  /** Works until stopped, however often the database or the log goes away. */
  start(): void;
  /** Waits for the lead, relays until the outbox is empty, and answers the number of rows. */
  processAll(): Promise<number>;
  /** Resolves when nothing of the relay runs any more. */
  stop(): Promise<void>;
}

type Published =
  | { readonly kind: "published" }
  | { readonly kind: "refused"; readonly code: string }
  | { readonly kind: "stopped" };

const BATCH_ROWS = 1_000;
/** A row that stands alone is refused this often before it is parked: a rule of the topic may just be in change. */
const PARK_ATTEMPTS = 5;
/**
 * After a batch with fewer rows, the next one may gather for a moment: what a batch costs the database, the log and all
 * that consume it is many times what a row does. The first row after a pause does not wait.
 */
const GATHER_ROWS = 500;
const GATHER_MS = 50;
const POLL_MS = 500;
const TAKE_OVER_MS = 1_000;
const PUBLISH_MS = 30_000;

const log = getLogger(["kependudukan", "relay"]);
