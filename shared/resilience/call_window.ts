/**
 * Counts calls and failures of the last `spanMs`, to a tenth of it: ten buckets that are used over and over, so that a
 * call costs the same however many there are.
 */
export class CallWindow {
  readonly #bucketMs: number;
  readonly #buckets = Array.from({ length: BUCKETS }, () => ({ turn: -1, calls: 0, failures: 0 }));

  constructor(spanMs: number) {
    this.#bucketMs = spanMs / BUCKETS;
  }

  /** `now` in milliseconds of a clock that never goes back. */
  add(failed: boolean, now: number): void {
    const turn = Math.floor(now / this.#bucketMs);
    const bucket = this.#buckets[turn % BUCKETS];
    if (!bucket) throw new RangeError(`Clock shows "${now}", which is before its beginning`);
    if (bucket.turn !== turn) Object.assign(bucket, { turn, calls: 0, failures: 0 });
    bucket.calls++;
    if (failed) bucket.failures++;
  }

  count(now: number): CallCount {
    const oldest = Math.floor(now / this.#bucketMs) - BUCKETS + 1;
    const sum = { calls: 0, failures: 0 };
    for (const { turn, calls, failures } of this.#buckets) {
      if (turn < oldest) continue;
      sum.calls += calls;
      sum.failures += failures;
    }
    return sum;
  }
}

export interface CallCount {
  readonly calls: number;
  readonly failures: number;
}

const BUCKETS = 10;
