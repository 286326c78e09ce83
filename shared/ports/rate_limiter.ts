/** Takes one request out of a subject's budget. */
export interface RateLimiter {
  take(subject: string): Promise<Verdict>;
}

export interface Verdict {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until the budget next grows; at least one. */
  readonly resetMs: number;
  /** The shared store is away, and this process counts alone. */
  readonly degraded: boolean;
}
