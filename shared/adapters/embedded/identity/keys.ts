import { calculateJwkThumbprint, type CryptoKey, exportJWK, generateKeyPair, type JWK } from "jose";
import type { Realm } from "./realm.ts";

/**
 * The realm's signing keys: one is active, the others are passive and only verify. They live and die with the
 * process. The order of a rotation that fails no request: publish, wait until caches hold it, activate, retire.
 */
export class KeyRing {
  #keys: readonly [SigningKey, ...SigningKey[]];

  private constructor(readonly algorithm: Realm["algorithm"], first: SigningKey) {
    this.#keys = [first];
  }

  static async create(algorithm: Realm["algorithm"]): Promise<KeyRing> {
    return new KeyRing(algorithm, await generate(algorithm));
  }

  get active(): SigningKey {
    return this.#keys[0];
  }

  find(kid: string | undefined): SigningKey | undefined {
    return this.#keys.find((key) => key.kid === kid);
  }

  get jwks(): { keys: readonly JWK[] } {
    return { keys: this.#keys.map((key) => key.jwk) };
  }

  /** Adds a passive key. */
  async publish(): Promise<void> {
    this.#keys = [...this.#keys, await generate(this.algorithm)];
  }

  /** Signs with the newest key from now on. */
  activate(): void {
    const newest = this.#keys.at(-1) ?? this.active;
    this.#keys = [newest, ...this.#keys.filter((key) => key !== newest)];
  }

  /** Drops all passive keys. */
  retire(): void {
    this.#keys = [this.active];
  }
}

async function generate(algorithm: Realm["algorithm"]): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, privateKey, publicKey, jwk: { ...jwk, kid, alg: algorithm, use: "sig" } };
}

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}
