import assert from "node:assert/strict";
import type { Verdict } from "../../shared/ports/rate_limiter.ts";

/** Remembers every request that passed and counts them anew each time. */
export class BruteForce {
  readonly #accepted: { readonly subject: string; readonly at: number }[] = [];

  constructor(readonly limit: number, readonly windowMs: number) {}

  take(subject: string, at: number): Verdict {
    const allowed = this.#live(subject, at).length < this.limit;
    if (allowed) this.#accepted.push({ subject, at });
    const live = this.#live(subject, at);
    const resetMs = Math.min(...live) + this.windowMs - at;
    return verdict({ limit: this.limit, allowed, remaining: this.limit - live.length, resetMs });
  }

  assertNoWindowAboveLimit(): void {
    for (const { subject, at } of this.#accepted) {
      const inWindow = this.#accepted.filter((one) =>
        one.subject === subject && one.at >= at && one.at < at + this.windowMs
      );
      assert.ok(inWindow.length <= this.limit);
    }
  }

  #live(subject: string, at: number): readonly number[] {
    return this.#accepted.filter((one) => one.subject === subject && at - one.at < this.windowMs).map((one) =>
      one.at
    );
  }
}

export function verdict(of: Partial<Verdict> & Pick<Verdict, "allowed" | "remaining" | "resetMs">): Verdict {
  return { limit: 100, degraded: false, ...of };
}
