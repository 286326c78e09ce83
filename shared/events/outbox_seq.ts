import type { Header } from "../ports/event_log.ts";

/** The header that bears an event's number in the registry's outbox, in decimal. */
export const OUTBOX_SEQ = "outbox-seq";

/** Undefined where there is none that can be read: records of earlier versions bear none. */
export function readOutboxSeq(headers: readonly Header[]): number | undefined {
  const [, value] = headers.find(([name]) => name === OUTBOX_SEQ) ?? [];
  const text = value && decoder.decode(value);
  return text !== undefined && /^[1-9][0-9]{0,14}$/.test(text) ? Number(text) : undefined;
}

const decoder = new TextDecoder();
