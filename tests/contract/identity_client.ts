import assert from "node:assert/strict";
import { type IdentityOptions, openIdentity } from "../../shared/adapters/keycloak/identity.ts";
import type { ClientCredentials, Fetch } from "../../shared/adapters/keycloak/provider.ts";
import type { Identity, Tokens } from "../../shared/ports/identity.ts";

/** Acts as the users and clients of the realm file, against whichever provider. */
export class RealmClient {
  constructor(readonly realm: RealmProvider, readonly clock: Clock | undefined) {}

  /** A fresh client with empty caches; by default the auth service's. */
  open(changes: Partial<IdentityOptions> = {}): Identity {
    return openIdentity({ ...this.options(), ...changes });
  }

  options(): IdentityOptions {
    return {
      issuer: this.realm.issuer,
      audience: "auth-service",
      acceptedClients: ["auth-service", "portal", "simulasi"],
      client: this.clientOf("auth-service"),
      fetch: this.realm.fetch,
      now: () => this.now(),
    };
  }

  now(): number {
    return this.clock?.now() ?? Date.now();
  }

  credentials(username: User) {
    return {
      username,
      password: this.realm.secret(`GOV_${username.replaceAll("-", "_").toUpperCase()}_PASSWORD`),
    };
  }

  clientOf(id: keyof typeof CLIENTS): ClientCredentials {
    return { id, secret: this.realm.secret(CLIENTS[id].secret) };
  }

  async logIn(username: User): Promise<Tokens> {
    const grant = await this.open().passwordGrant(this.credentials(username), AbortSignal.timeout(20_000));
    assert(grant.kind === "granted", `"${username}" could not log in: ${grant.kind}`);
    return grant.tokens;
  }

  /** A raw request to the provider, for what the port does not offer. */
  async post(
    endpoint: string,
    client: typeof CLIENTS[keyof typeof CLIENTS],
    form: Record<string, string>,
  ): Promise<Record<string, unknown>> {
    const credentials = { client_id: client.id, client_secret: this.realm.secret(client.secret) };
    const response = await this.realm.fetch(
      new Request(`${this.realm.issuer}/protocol/openid-connect/${endpoint}`, {
        method: "POST",
        body: new URLSearchParams({ ...credentials, ...form }),
      }),
    );
    assert.equal(response.status, 200, `"${endpoint}" answered`);
    return await response.json();
  }

  /** The first key that the provider publishes for signatures. */
  async publishedKey(): Promise<JsonWebKey & { kid: string }> {
    const certs = `${this.realm.issuer}/protocol/openid-connect/certs`;
    const response = await this.realm.fetch(new Request(certs));
    const { keys } = await response.json();
    return keys.find((key: { use: string }) => key.use === "sig");
  }
}

export const USERS = ["admin", "petugas", "warga", "auditor"] as const;
/** Those of the realm file; the last one is bound to province 32. */
export type User = typeof USERS[number] | "petugas-jabar";

export const CLIENTS = {
  "auth-service": { id: "auth-service", secret: "GOV_AUTH_SERVICE_SECRET" },
  "pendaftaran-service": { id: "pendaftaran-service", secret: "GOV_PENDAFTARAN_SECRET" },
  "statistik-service": { id: "statistik-service", secret: "GOV_STATISTIK_SECRET" },
  "notifikasi-service": { id: "notifikasi-service", secret: "GOV_NOTIFIKASI_SECRET" },
  "auth-admin": { id: "auth-admin", secret: "GOV_AUTH_ADMIN_SECRET" },
  gateway: { id: "gateway", secret: "GOV_GATEWAY_SECRET" },
  simulasi: { id: "simulasi", secret: "GOV_SIMULASI_SECRET" },
} as const;

/** A provider that has imported the realm file, and what the tests may control of it. */
export interface ProviderUnderTest {
  open(): Promise<RealmProvider>;
  readonly clock?: Clock;
  readonly keys: KeyControl;
}

export interface RealmProvider {
  readonly issuer: string;
  readonly fetch: Fetch;
  /** The value that the realm file's `${NAME}` had at import. */
  secret(name: string): string;
  close(): Promise<void>;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  advance(ms: number): void;
}

export interface KeyControl {
  /** Adds a key that verifies and does not sign. */
  publish(): Promise<void>;
  /** Signs with the added key from now on. */
  activate(): Promise<void>;
  /** Drops the key that signed before. */
  retire(): Promise<void>;
}
