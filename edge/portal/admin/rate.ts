/** How much a total grew within the last minute, from what was seen of it. */
export class Rate {
  #seen: readonly { readonly at: number; readonly total: number }[] = [];

  /** `at` in milliseconds, never falling. */
  see(total: number, at: number): void {
    this.#seen = [...this.#since(at), { at, total }];
  }

  /** The growth since a minute before `now`; after a shorter time of watching, since its beginning. */
  perMinute(now: number): number {
    const seen = this.#since(now);
    return Math.max(0, (seen.at(-1)?.total ?? 0) - (seen[0]?.total ?? 0));
  }

  /** With the last that is older: from it the total had not changed until the next. */
  #since(now: number) {
    const first = this.#seen.findIndex(({ at }) => at >= now - MINUTE_MS);
    return first < 0 ? this.#seen.slice(-1) : this.#seen.slice(Math.max(0, first - 1));
  }
}

const MINUTE_MS = 60_000;
