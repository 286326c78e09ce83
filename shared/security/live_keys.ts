import { Buffer } from "node:buffer";
import { getLogger } from "@logtape/logtape";
import { type KeyRing, type Keys, parseKeys, RINGS } from "./key_ring.ts";

/**
 * Keys that follow a text which may change. The rings of `keys` always show the last good reading: a text that cannot
 * be used leaves them as they were, is reported once, and shows in `degraded` until it is mended.
 */
export class LiveKeys {
  readonly keys: Keys;
  readonly #read: () => string;
  readonly #now: () => number;
  #current: Keys;
  #text: string;
  #problem: string | undefined;
  #lookedAt = -Infinity;

  /** Throws when the first reading is of no use. `now` is monotonic milliseconds. */
  constructor(read: () => string, now: () => number = () => performance.now()) {
    this.#read = read;
    this.#now = now;
    this.#text = read();
    this.#current = parseKeys(this.#text);
    this.keys = {
      columns: this.#ring("columns"),
      events: this.#ring("events"),
      blindIndex: this.#ring("blindIndex"),
      audit: this.#ring("audit"),
    };
  }

  /** Whether the text as it is now could not be used. */
  get degraded(): boolean {
    return this.#problem !== undefined;
  }

  /** Reads again; never throws. */
  refresh(): void {
    try {
      const text = this.#read();
      if (text !== this.#text) {
        this.#current = successor(this.#current, parseKeys(text));
        this.#text = text;
        log.info("Keys were read anew");
      }
      this.#problem = undefined;
    } catch (error) {
      const problem = error instanceof Error ? error.message : "unknown reason";
      if (problem !== this.#problem) log.error("Keys stay as they were: {problem}", { problem });
      this.#problem = problem;
    }
  }

  #ring(name: keyof Keys): KeyRing {
    const current = () => this.#current[name];
    return {
      get active() {
        return current().active;
      },
      get keys() {
        return current().keys;
      },
      reload: () => this.#refreshSoon(),
    };
  }

  /** Anybody can send an unknown key id: that must not become a file read each. */
  #refreshSoon(): void {
    if (this.#now() - this.#lookedAt < RELOAD_MS) return;
    this.#lookedAt = this.#now();
    this.refresh();
  }
}

const RELOAD_MS = 1_000;

/** What was written under an id would be lost if other bytes took its place. */
function successor(current: Keys, next: Keys): Keys {
  for (const name of RINGS) {
    for (const [id, key] of next[name].keys) {
      const known = current[name].keys.get(id);
      if (known && !Buffer.from(known).equals(key)) {
        throw new Error(`Refuse other bytes for key "${id}" of ring "${name}": a new key needs a new id`);
      }
    }
  }
  return next;
}

const log = getLogger(["kependudukan", "keys"]);
