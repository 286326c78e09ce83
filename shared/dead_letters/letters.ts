import { Buffer } from "node:buffer";
import { z } from "zod";
import type { EventLog, EventRecord } from "../ports/event_log.ts";
import { type Letter, readLetter, splitAt, write } from "./letter.ts";
import { type LetterId, parseLetterId } from "./letter_id.ts";

/**
 * Every letter that is kept and what became of it, those of one partition in their order. The log takes nothing back, so
 * a letter that was dealt with is marked by another record. It is read twice, so that of all letters only the ids of the
 * marked ones are held at once.
 */
export async function* readLetters(
  eventLog: Pick<EventLog, "read">,
  signal: AbortSignal,
): AsyncGenerator<FiledLetter> {
  const marks = new Map<LetterId, Mark>();
  for await (const record of eventLog.read(TOPIC, signal)) {
    const marked = readMark(record);
    if (marked) marks.set(marked.id, marked.mark);
  }
  for await (const record of eventLog.read(TOPIC, signal)) {
    const letter = readLetter(record);
    if (letter) yield { ...letter, state: marks.get(letter.id) ?? "open" };
  }
}

export interface FiledLetter extends Letter {
  readonly state: "open" | Mark;
}

export type Mark = typeof MARKS[number];

/** Resolves when the marks are durable. */
export async function markLetters(
  eventLog: Pick<EventLog, "publish">,
  letters: readonly Pick<Letter, "id">[],
  mark: Mark,
  signal: AbortSignal,
): Promise<void> {
  const marks = letters.map(({ id }): EventRecord => ({
    key: Buffer.from(id),
    value: null,
    headers: write({ [FIRST]: mark, "dlq-mark-of": id }),
  }));
  await eventLog.publish(TOPIC, marks, signal);
}

/**
 * Counts the open letters, for a gauge. Reads them only when something was written since the last time, since most of
 * the time nothing is.
 */
export function openLetters(eventLog: Pick<EventLog, "read" | "lag">): () => Promise<number> {
  let known: { readonly written: number; readonly open: Promise<number> } | undefined;
  return async () => {
    // No group commits dead letters: to any of them, all that was ever written is still to come.
    const lags = await eventLog.lag(TOPIC, "notification-group");
    const written = lags.reduce((sum, { lag }) => sum + lag, 0);
    if (known?.written !== written) {
      const open = countOpen(eventLog);
      const latest = known = { written, open };
      open.catch(() => known === latest && (known = undefined));
    }
    return await known.open;
  };
}

async function countOpen(eventLog: Pick<EventLog, "read">): Promise<number> {
  let open = 0;
  for await (const { state } of readLetters(eventLog, AbortSignal.timeout(COUNT_MS))) {
    if (state === "open") open++;
  }
  return open;
}

function readMark({ headers }: EventRecord): { readonly id: LetterId; readonly mark: Mark } | undefined {
  const { fields } = splitAt(FIRST, headers) ?? {};
  const mark = MarkFields.safeParse(fields).data;
  const id = mark && parseLetterId(mark["dlq-mark-of"]);
  return id && { id, mark: mark[FIRST] };
}

const TOPIC = "pendaftaran-events.dlq";
const MARKS = ["replayed", "dropped"] as const;
const FIRST = "dlq-mark";
const MarkFields = z.object({ [FIRST]: z.enum(MARKS), "dlq-mark-of": z.string() });
const COUNT_MS = 30_000;
