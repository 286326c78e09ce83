import { hashPassword, matchesHash } from "./password_hash.ts";
import type { Lockout, Password, User } from "./realm.ts";
import { sameSecret } from "./same_secret.ts";

/**
 * Checks passwords with Keycloak's lock-out: after each `failures` wrong ones the user waits, longer each time, and
 * until then even the right one gets the same answer as a wrong one. A right password clears the count. Every check
 * costs one slow hash, whether or not the user exists, so that its time does not tell.
 */
export class PasswordCheck {
  // Only of users that exist, so it cannot grow beyond them.
  readonly #failed = new Map<string, Failures>();
  readonly #nobody: Promise<string>;

  constructor(readonly options: PasswordOptions) {
    this.#nobody = hashPassword(crypto.randomUUID(), options.work);
  }

  async check(username: string, password: string): Promise<PasswordVerdict> {
    const known = this.options.users.byName(username);
    const right = await this.#matches(known?.password, password);
    // Only now, so that of many attempts at once no more count than one after the other; and as the user is now.
    const user = known && this.options.users.byId(known.id);
    if (user?.password === undefined || user.password !== known?.password || this.#locked(user)) {
      return { kind: "wrong" };
    }
    if (!right) {
      this.#count(user);
      return { kind: "wrong" };
    }
    this.#failed.delete(user.id);
    return user.enabled ? { kind: "right", user } : { kind: "disabled" };
  }

  /** Lets a user in again whom wrong passwords have locked out. */
  forget(userId: string): void {
    this.#failed.delete(userId);
  }

  async #matches(expected: Password | undefined, given: string): Promise<boolean> {
    const hash = expected?.kind === "stored" ? expected.hash : await this.#nobody;
    const hashed = await matchesHash(given, hash);
    return expected?.kind === "configured"
      ? sameSecret(given, expected.clear)
      : expected !== undefined && hashed;
  }

  #locked({ id }: User): boolean {
    return this.options.now() < (this.#failed.get(id)?.lockedUntil ?? 0);
  }

  #count({ id }: User): void {
    const { lockout, now } = this.options;
    const before = this.#failed.get(id);
    const forgotten = !before || now() - before.last > lockout.forgetSeconds * 1000;
    const count = forgotten ? 1 : before.count + 1;
    const wait = Math.min(lockout.maxWaitSeconds, lockout.waitSeconds * Math.floor(count / lockout.failures));
    this.#failed.set(id, { count, last: now(), lockedUntil: now() + wait * 1000 });
  }
}

export interface PasswordOptions {
  readonly users: { byName(username: string): User | undefined; byId(id: string): User | undefined };
  readonly lockout: Lockout;
  /** Log2 of scrypt's N: what a guess costs. */
  readonly work: number;
  readonly now: () => number;
}

export type PasswordVerdict =
  | { readonly kind: "right"; readonly user: User }
  | { readonly kind: "wrong" }
  | { readonly kind: "disabled" };

interface Failures {
  readonly count: number;
  /** Milliseconds since 1970, as `lockedUntil`. */
  readonly last: number;
  readonly lockedUntil: number;
}
