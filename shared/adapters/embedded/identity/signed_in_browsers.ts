import { randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";

/**
 * Browsers in which somebody signed in at the page: whoever comes back, for instance by a reload, needs no password
 * until the sign-out, the idle time or the longest life of a session. Beyond `MOST_BROWSERS` the one that rested longest
 * is forgotten.
 */
export class SignedInBrowsers {
  readonly #browsers = new LRUCache<string, SignedIn>({ max: MOST_BROWSERS });

  constructor(readonly life: Life, readonly now: () => number) {}

  /** The id for the browser's cookie: a new one at each sign-in, so that none can be planted before it. */
  remember(userId: string): string {
    const id = randomBytes(32).toString("base64url");
    const now = this.now();
    this.#browsers.set(id, { userId, endsAt: now + this.life.sessionMaxSeconds * 1000, usedAt: now });
    return id;
  }

  /** Who signed in there. To be asked counts as use. */
  userIn(id: string): string | undefined {
    const found = this.#browsers.get(id);
    const now = this.now();
    if (!found || now >= found.endsAt || now >= found.usedAt + this.life.sessionIdleSeconds * 1000) {
      this.forget(id);
      return undefined;
    }
    this.#browsers.set(id, { ...found, usedAt: now });
    return found.userId;
  }

  forget(id: string): void {
    this.#browsers.delete(id);
  }

  forgetAllOf(userId: string): void {
    for (const [id, browser] of this.#browsers.entries()) if (browser.userId === userId) this.forget(id);
  }
}

const MOST_BROWSERS = 10_000;

interface SignedIn {
  readonly userId: string;
  /** Milliseconds since 1970, as `usedAt`. */
  readonly endsAt: number;
  readonly usedAt: number;
}

interface Life {
  readonly sessionIdleSeconds: number;
  readonly sessionMaxSeconds: number;
}
