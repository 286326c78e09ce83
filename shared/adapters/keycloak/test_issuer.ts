import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import type { Claims } from "./claims.ts";
import { createProvider, type Fetch, type Provider } from "./provider.ts";

/** An issuer for unit tests: signs what it is told to, publishes the keys it is told to, counts who asks. */
export class TestIssuer {
  readonly issuer = "https://identitas.invalid/realms/gov-realm";
  /** Milliseconds since 1970. */
  time = 1_800_000_000_000;
  asked = 0;
  published: readonly JWK[] = [];
  answer: Fetch = () => Response.json({ keys: this.published });

  readonly now = () => this.time;

  provider(timeoutMs = 1_000): Provider {
    const fetch: Fetch = (request) => {
      this.asked++;
      return this.answer(request);
    };
    return createProvider({
      realmUrl: this.issuer,
      client: { id: "layanan", secret: "rahasia" },
      fetch,
      timeoutMs,
    });
  }

  /** Makes and publishes a key. */
  async addKey(kid: string): Promise<CryptoKey> {
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    this.published = [...this.published, { ...await exportJWK(publicKey), kid, alg: "ES256", use: "sig" }];
    return privateKey;
  }

  /** The claims of a good token; `exp` is five minutes away. */
  claims(): Claims & JWTPayload {
    const iat = Math.floor(this.time / 1000);
    return {
      iss: this.issuer,
      aud: ["gateway", "layanan"],
      azp: "auth-service",
      typ: "Bearer",
      sub: "b3a1",
      iat,
      exp: iat + 300,
      realm_access: { roles: ["petugas", "offline_access"] },
    };
  }

  async sign(key: CryptoKey, kid: string, changes: Record<string, unknown> = {}): Promise<string> {
    return await new SignJWT({ ...this.claims(), ...changes })
      .setProtectedHeader({ alg: "ES256", kid, typ: "JWT" }).sign(key);
  }
}

/** Outages, by how they look from outside. */
export const OUTAGES: Readonly<Record<string, Fetch>> = {
  "refuses connections": () => Promise.reject(new TypeError("connection refused")),
  "never answers": () => new Promise(() => {}),
  "answers 500": () => new Response("rusak", { status: 500 }),
  "answers a web page": () => new Response("<html>", { headers: { "content-type": "text/html" } }),
  "publishes no key": () => Response.json({ keys: [] }),
};
