import type { Outcome } from "./registrar.ts";

/** What came of the residents so far. */
export class Tally {
  /** Residents answered 201, by the code of their province. A repeated answer to one key is one resident. */
  readonly registered = new Map<string, number>();
  /** Residents who may have been stored in this run although no 201 says so, by province. */
  readonly uncertain = new Map<string, number>();
  readonly errors = new Map<string, number>();
  readonly retries = new Map<string, number>();
  /** Milliseconds of each answered request. */
  readonly latencies: number[] = [];
  conflicts = 0;
  /** Residents whose outcome is known. */
  done = 0;

  add(kode: string, outcome: Outcome): void {
    this.done++;
    if (outcome.kind === "registered") return increase(this.registered, kode);
    if (outcome.maybeStored) increase(this.uncertain, kode);
    if (outcome.kind === "conflict") this.conflicts++;
    else increase(this.errors, outcome.kind === "failed" ? outcome.code : "STOPPED");
  }

  retried(code: string): void {
    increase(this.retries, code);
  }
}

export function total(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
