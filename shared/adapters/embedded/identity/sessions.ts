import { LRUCache } from "lru-cache";
import type { Client, Realm, User } from "./realm.ts";
import { SignedInBrowsers } from "./signed_in_browsers.ts";
import type { Users } from "./users.ts";

/** Who is logged in where. Beyond `MOST_SESSIONS` the one that rested longest is logged out. */
export class Sessions {
  readonly #sessions = new LRUCache<string, Session>({ max: MOST_SESSIONS });

  readonly browsers: SignedInBrowsers;

  constructor(readonly realm: Realm, readonly users: Users, readonly now: () => number) {
    this.browsers = new SignedInBrowsers(realm, now);
  }

  open(user: User, client: Client, openid: boolean, browser?: string): Session {
    const id = crypto.randomUUID();
    const expiresAt = this.now() + this.realm.sessionMaxSeconds * 1000;
    const session = { id, user, client, openid, browser, expiresAt, refreshId: crypto.randomUUID() };
    this.#sessions.set(id, session);
    return session;
  }

  /** With the user as it is now. */
  find(id: string): Session | undefined {
    const session = this.#sessions.get(id);
    const user = session && this.users.byId(session.user.id);
    return session && user?.enabled && this.now() < session.expiresAt ? { ...session, user } : undefined;
  }

  /** From now on only a refresh token of the new id is taken. */
  rotate(session: Session): Session {
    if (session.browser !== undefined) this.browsers.userIn(session.browser);
    const rotated = { ...session, refreshId: crypto.randomUUID() };
    this.#sessions.set(session.id, rotated);
    return rotated;
  }

  /** With it, all of the same browser: who signs out there is not to come back by what another tab left. */
  end(id: string): void {
    const browser = this.#sessions.get(id)?.browser;
    this.#sessions.delete(id);
    if (browser === undefined) return;
    this.browsers.forget(browser);
    for (const [other, session] of this.#sessions.entries()) {
      if (session.browser === browser) this.#sessions.delete(other);
    }
  }

  endAllOf(userId: string): void {
    this.browsers.forgetAllOf(userId);
    for (const [id, session] of this.#sessions.entries()) {
      if (session.user.id === userId) this.#sessions.delete(id);
    }
  }
}

const MOST_SESSIONS = 100_000;

export interface Session {
  readonly id: string;
  readonly user: User;
  readonly client: Client;
  /** Whether an ID token was asked for. */
  readonly openid: boolean;
  /** In which it was opened; undefined when no page was used. */
  readonly browser: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** `jti` of the one refresh token that is still good. */
  readonly refreshId: string;
}
