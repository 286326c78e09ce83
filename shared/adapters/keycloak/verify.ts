import { compactVerify, errors } from "jose";
import { LRUCache } from "lru-cache";
import type { Identity, Verification } from "../../ports/identity.ts";
import {
  type Claims,
  type Expected,
  MAX_TOKEN_LENGTH,
  parseClaims,
  rejected,
  verified,
  wrongClaim,
} from "./claims.ts";
import { ALGORITHMS, type KeySet, type VerificationKey } from "./jwks.ts";
import type { IdentityLimits } from "./limits.ts";
import { readToken } from "./read_token.ts";
import { SingleFlight } from "./single_flight.ts";

/**
 * Verifies access tokens by the published keys. A signature costs 0.5 ms, so all that can be told without it is told
 * first, and what it proved is remembered for the whole token: a cut or changed token is another entry.
 */
export function createVerification(options: VerifyOptions): Identity["verify"] {
  const { keys, expected, limits, now, random = Math.random } = options;
  const proven = new LRUCache<string, Proven>({ max: limits.cachedTokens });
  const flights = new SingleFlight<Verification>();

  return async function verify(token) {
    if (token.length > MAX_TOKEN_LENGTH) return rejected("too-long");
    const known = proven.get(token);
    if (known && now() < known.until && await isCurrent(known.key)) return known.verification;
    proven.delete(token);
    return await flights.run(token, () => check(token));
  };

  async function check(token: string): Promise<Verification> {
    const { header, payload } = readToken(token) ?? {};
    if (!header) return rejected("malformed");
    if (!ALGORITHMS.has(header.alg)) return rejected("algorithm");
    if (header.kid === undefined) return rejected("unknown-key");
    const lookup = await keys.find(header.kid);
    if (lookup.kind === "unavailable") return lookup;
    if (lookup.kind === "unknown") return rejected("unknown-key");
    if (lookup.key.alg !== header.alg) return rejected("algorithm");
    const claims = parseClaims(payload);
    if (!claims) return rejected("claims");
    const wrong = wrongClaim(claims, expected, now());
    if (wrong) return rejected(wrong);
    if (!await isSigned(token, lookup.key)) return rejected("signature");
    return remember(token, claims, lookup.key);
  }

  /** A key that the provider withdrew takes its tokens with it. */
  async function isCurrent(key: VerificationKey): Promise<boolean> {
    const lookup = await keys.find(key.kid);
    return lookup.kind === "found" && lookup.key === key;
  }

  function remember(token: string, claims: Claims, key: VerificationKey): Verification {
    const verification = verified(claims);
    // Up to a quarter less, so that those who came together do not come back together.
    const until = Math.min(now() + limits.verifiedMs * (1 - random() / 4), claims.exp * 1000);
    proven.set(token, { verification, key, until });
    return verification;
  }
}

async function isSigned(token: string, { key, alg }: VerificationKey): Promise<boolean> {
  try {
    await compactVerify(token, key, { algorithms: [alg] });
    return true;
  } catch (error) {
    if (error instanceof errors.JOSEError) return false;
    throw error;
  }
}

export interface VerifyOptions {
  readonly keys: KeySet;
  readonly expected: Expected;
  readonly limits: Pick<IdentityLimits, "verifiedMs" | "cachedTokens">;
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
}

interface Proven {
  readonly verification: Verification;
  readonly key: VerificationKey;
  /** Milliseconds since 1970; never after the token's own end. */
  readonly until: number;
}
