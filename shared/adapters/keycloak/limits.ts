/** How long answers are waited for and kept, in milliseconds unless the name says otherwise. */
export const LIMITS: IdentityLimits = {
  timeoutMs: 3_000,
  keysFreshMs: 300_000,
  keysUsableMs: 3_600_000,
  keysCooldownMs: 10_000,
  verifiedMs: 60_000,
  activeMs: 10_000,
  inactiveMs: 2_000,
  serviceCooldownMs: 2_000,
  cachedTokens: 10_000,
};

export interface IdentityLimits {
  /** For one answer of the provider. */
  readonly timeoutMs: number;
  /** Older keys are asked for again, while the old ones serve. */
  readonly keysFreshMs: number;
  /** Older keys are used no more: an outage this long refuses everybody. */
  readonly keysUsableMs: number;
  /** Between two times that the keys are asked for, whatever tokens name. */
  readonly keysCooldownMs: number;
  /** A verified token is believed this long without another look at its signature. */
  readonly verifiedMs: number;
  /** A logout takes effect at the origins after this at the latest. */
  readonly activeMs: number;
  readonly inactiveMs: number;
  /** At most, and at least half of it, between two times that our own token is asked for. */
  readonly serviceCooldownMs: number;
  /** Entries of each of the two caches. */
  readonly cachedTokens: number;
}
