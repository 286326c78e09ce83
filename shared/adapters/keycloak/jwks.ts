import { getLogger } from "@logtape/logtape";
import { base64url, importJWK } from "jose";
import * as z from "zod";
import type { IdentityLimits } from "./limits.ts";
import type { IdentityObserver } from "./identity_event.ts";
import type { Answer, Provider } from "./provider.ts";

/**
 * The provider's published keys, stale-if-error: in an outage the last good ones serve up to a hard limit, and nobody
 * waits for a failing request meanwhile. However many unknown keys are named, the provider is asked once per
 * cool-down, by all who wait together.
 */
export class KeySet {
  #keys: ReadonlyMap<string, VerificationKey> = new Map();
  #loadedAt = -Infinity;
  #triedAt = -Infinity;
  #lastTryFailed = false;
  #loading: Promise<void> | undefined;

  constructor(
    readonly provider: Provider,
    readonly limits: Pick<IdentityLimits, "keysFreshMs" | "keysUsableMs" | "keysCooldownMs">,
    readonly now: () => number,
    readonly observe: IdentityObserver = () => {},
  ) {}

  async find(kid: string): Promise<KeyLookup> {
    if (!this.#youngerThan(this.limits.keysUsableMs)) await this.#load();
    else if (!this.#youngerThan(this.limits.keysFreshMs)) void this.#load();
    if (!this.#youngerThan(this.limits.keysUsableMs)) return { kind: "unavailable" };

    if (!this.#keys.has(kid)) await this.#load();
    const key = this.#keys.get(kid);
    if (key) return { kind: "found", key };
    // The key may be new, and we could not look: the token is not refused, it cannot be checked.
    return { kind: this.#lastTryFailed ? "unavailable" : "unknown" };
  }

  #youngerThan(ms: number): boolean {
    return this.now() - this.#loadedAt <= ms;
  }

  /** Never rejects. Does nothing inside the cool-down. */
  #load(): Promise<void> {
    if (this.#loading) return this.#loading;
    if (this.now() - this.#triedAt < this.limits.keysCooldownMs) return Promise.resolve();
    this.#triedAt = this.now();
    this.#loading = this.#ask().finally(() => this.#loading = undefined);
    return this.#loading;
  }

  async #ask(): Promise<void> {
    const keys = await this.provider.ask("certs", (answer) => readKeys(answer, this.#keys));
    this.#lastTryFailed = keys === undefined;
    if (!keys) return;
    this.#keys = keys;
    this.#loadedAt = this.now();
    this.observe({ kind: "keys-loaded" });
  }
}

/** Signature algorithms that we know. Symmetric ones and "none" must never be here (RFC 8725, 3.1). */
export const ALGORITHMS: ReadonlySet<string> = new Set(["RS256", "ES256", "EdDSA"]);

async function readKeys({ status, body }: Answer, known: ReadonlyMap<string, VerificationKey>) {
  const published = jwks.safeParse(body);
  if (status !== 200 || !published.success) return undefined;
  const keys = new Map<string, VerificationKey>();
  for (const member of published.data.keys) {
    const jwk = signatureKey.safeParse(member).data;
    if (!jwk || !ALGORITHMS.has(jwk.alg)) continue;
    const material = JSON.stringify(jwk);
    const before = known.get(jwk.kid);
    const key = before?.material === material ? before : await readKey(jwk, material);
    if (key) keys.set(jwk.kid, key);
  }
  return keys.size > 0 ? keys : undefined;
}

/** One key that is of no use must not take the others with it. */
async function readKey(jwk: z.output<typeof signatureKey>, material: string) {
  const { kid, alg } = jwk;
  try {
    if (isWeak(jwk)) throw new RangeError("The key is too weak");
    return { kid, alg, material, key: await importJWK(jwk, alg) };
  } catch (error) {
    const reason = error instanceof Error ? error.name : "unknown";
    log.warn("Published key {kid} is left out: {reason}", { kid, reason });
    return undefined;
  }
}

/** RFC 7518, 3.3; and below this exponent a signature can be forged where padding is checked carelessly. */
function isWeak(jwk: z.output<typeof signatureKey>): boolean {
  if (jwk.kty !== "RSA") return false;
  const { n, e } = rsaKey.parse(jwk);
  return base64url.decode(n).length < 256 || base64url.decode(e).length < 3;
}

const jwks = z.object({ keys: z.array(z.unknown()) });
const signatureKey = z.looseObject({
  kid: z.string(),
  kty: z.string(),
  alg: z.string(),
  use: z.literal("sig"),
});
const rsaKey = z.object({ n: z.string(), e: z.string() });

const log = getLogger(["kependudukan", "identity"]);

export type KeyLookup =
  | { readonly kind: "found"; readonly key: VerificationKey }
  | { readonly kind: "unknown" }
  | { readonly kind: "unavailable" };

/** The same object for as long as the provider publishes the same key. */
export interface VerificationKey {
  readonly kid: string;
  /** The one algorithm that the key is published for. */
  readonly alg: string;
  readonly key: Awaited<ReturnType<typeof importJWK>>;
  readonly material: string;
}
