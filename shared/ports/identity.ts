import type { KodeProvinsi } from "../penduduk/provinsi.ts";

/** Who calls: signed tokens, their verification at the edge and their introspection at the origins. */
export interface Identity {
  /** Checks signature and claims by the provider's published keys. */
  verify(token: string): Promise<Verification>;
  /** Asks the provider, so that a logged-out or disabled user is refused (RFC 7662). */
  introspect(token: string, signal: AbortSignal): Promise<Verification>;
  passwordGrant(credentials: Credentials, signal: AbortSignal): Promise<Grant>;
  refresh(refreshToken: string, signal: AbortSignal): Promise<Grant>;
  /** Ends the session of the refresh token; resolves too when it had ended before. */
  logout(refreshToken: string, signal: AbortSignal): Promise<"ended" | "rejected" | "unavailable">;
  /**
   * The token of our own client, with which a service of ours names itself to another (RFC 6749, 4.4). Undefined when
   * the provider is away and no token is good any more.
   */
  serviceToken(signal: AbortSignal): Promise<string | undefined>;
  /** Another service refused this token of ours: the next one will be a new one. */
  discardServiceToken(token: string): void;
  /** Checks that a token was issued to the edge, for us. */
  verifyEdge(token: string): Promise<Verification>;
  check(signal: AbortSignal): Promise<void>;
}

/**
 * Realm roles, the widest first. `penguji` is the probe's: it registers and takes back synthetic people alone.
 * `tanpa-batas` lifts the limit of requests per user: for service accounts that load in bulk.
 */
export const ROLES = ["admin", "petugas", "warga", "auditor", "penguji", "tanpa-batas"] as const;
export type Role = typeof ROLES[number];

export interface Caller {
  /** The provider's `sub`. */
  readonly subject: string;
  readonly roles: ReadonlySet<Role>;
  /** The client that the token was issued to (`azp`). */
  readonly clientId: string;
  readonly expiresAt: Date;
  /** The one province that the caller may work in; left out, the whole country. */
  readonly provinsi?: KodeProvinsi;
}

export type Verification =
  | { readonly kind: "verified"; readonly caller: Caller }
  /** `reason` is for logs and metrics, never for the client. */
  | { readonly kind: "rejected"; readonly reason: RejectionReason }
  | { readonly kind: "unavailable" };

export type RejectionReason =
  | "too-long"
  | "malformed"
  | "algorithm"
  | "unknown-key"
  | "signature"
  | "issuer"
  | "audience"
  | "client"
  | "type"
  | "expired"
  | "lifetime"
  | "not-yet-valid"
  | "claims"
  | "sender-constrained"
  | "inactive";

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type Grant =
  | { readonly kind: "granted"; readonly tokens: Tokens }
  | { readonly kind: "rejected" }
  | { readonly kind: "unavailable" };

export interface Tokens {
  readonly access_token: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly token_type: "Bearer";
}
