import type { Lockout, User } from "./realm.ts";
import { sameSecret } from "./same_secret.ts";

/**
 * Checks passwords with Keycloak's lock-out: after each `failures` wrong ones the user waits, longer each time, and
 * until then even the right one gets the same answer as a wrong one. A right password clears the count.
 */
export class PasswordCheck {
  // Only of users that exist, so it cannot grow beyond them.
  readonly #failed = new Map<User, Failures>();

  constructor(
    readonly users: ReadonlyMap<string, User>,
    readonly lockout: Lockout,
    readonly now: () => number,
  ) {}

  check(username: string, password: string): PasswordVerdict {
    const user = this.users.get(username.toLowerCase());
    const right = sameSecret(password, user?.password ?? "");
    if (user?.password === undefined || this.#locked(user)) return { kind: "wrong" };
    if (!right) {
      this.#count(user);
      return { kind: "wrong" };
    }
    this.#failed.delete(user);
    return user.enabled ? { kind: "right", user } : { kind: "disabled" };
  }

  #locked(user: User): boolean {
    return this.now() < (this.#failed.get(user)?.lockedUntil ?? 0);
  }

  #count(user: User): void {
    const { failures, waitSeconds, maxWaitSeconds, forgetSeconds } = this.lockout;
    const before = this.#failed.get(user);
    const forgotten = !before || this.now() - before.last > forgetSeconds * 1000;
    const count = forgotten ? 1 : before.count + 1;
    const wait = Math.min(maxWaitSeconds, waitSeconds * Math.floor(count / failures));
    this.#failed.set(user, { count, last: this.now(), lockedUntil: this.now() + wait * 1000 });
  }
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
