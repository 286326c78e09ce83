import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { parseKeys, type RingName, RINGS } from "./key_ring.ts";

/** The text of a keys file, to be changed. What a function makes of it, `parseKeys` reads. */
export type KeysDocument = Readonly<Record<RingName, RingDocument>>;

export interface RingDocument {
  readonly active: string;
  /** Base64 by id. */
  readonly keys: Readonly<Record<string, string>>;
  readonly times?: Readonly<Record<string, KeyTimes>>;
}

export interface KeyTimes {
  readonly added?: string;
  readonly activated?: string;
  readonly retired?: string;
}

/** Throws as `parseKeys` does. A ring that older files lack becomes one of its own. */
export function parseDocument(text: string): KeysDocument {
  const keys = parseKeys(text);
  const times: Partial<Record<RingName, Pick<RingDocument, "times">>> = JSON.parse(text);
  const ring = (name: RingName): RingDocument => ({
    active: keys[name].active,
    keys: Object.fromEntries(
      Array.from(keys[name].keys, ([id, bytes]) => [id, Buffer.from(bytes).toString("base64")]),
    ),
    times: times[name]?.times ?? {},
  });
  return {
    columns: ring("columns"),
    events: ring("events"),
    blindIndex: ring("blindIndex"),
    audit: ring("audit"),
  };
}

export function formatDocument(document: KeysDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** With a new key in each of the rings, which nothing uses yet. */
export function addKeys(document: KeysDocument, rings: readonly RingName[], now: Date): KeysDocument {
  return edit(document, rings, ({ active, keys, times }) => {
    const id = freeId(now, { ...keys, ...times });
    return {
      active,
      keys: { ...keys, [id]: randomBytes(KEY_BYTES).toString("base64") },
      times: { ...times, [id]: { added: now.toISOString() } },
    };
  });
}

/** With the key as the one that writes. */
export function activateKey(document: KeysDocument, name: RingName, id: string, now: Date): KeysDocument {
  return edit(document, [name], ({ keys, times }) => ({
    active: id,
    keys,
    times: { ...times, [id]: { ...times?.[id], activated: now.toISOString() } },
  }));
}

/** Without the key. Its id stays taken: data of its time, in backups and lists, bears it. */
export function removeKey(document: KeysDocument, name: RingName, id: string, now: Date): KeysDocument {
  return edit(document, [name], ({ active, keys, times }) => ({
    active,
    keys: Object.fromEntries(Object.entries(keys).filter(([other]) => other !== id)),
    times: { ...times, [id]: { ...times?.[id], retired: now.toISOString() } },
  }));
}

function edit(
  document: KeysDocument,
  names: readonly RingName[],
  change: (ring: RingDocument) => RingDocument,
): KeysDocument {
  const ring = (name: RingName) => names.includes(name) ? change(document[name]) : document[name];
  return {
    columns: ring("columns"),
    events: ring("events"),
    blindIndex: ring("blindIndex"),
    audit: ring("audit"),
  };
}

/** The month, and a number where the month has or had a key already. */
function freeId(now: Date, taken: Readonly<Record<string, unknown>>): string {
  const month = now.toISOString().slice(0, 7);
  for (let n = 2, id = month;; n++) {
    if (!(id in taken)) return id;
    id = `${month}.${n}`;
  }
}

export function isRing(text: string): text is RingName {
  return RINGS.some((name) => name === text);
}

const KEY_BYTES = 32;
