import type { Mapper } from "./realm_file.ts";

/** The realm file with every name resolved. */
export interface Realm {
  readonly name: string;
  readonly displayName: string;
  readonly algorithm: "RS256" | "ES256" | "EdDSA";
  readonly accessTokenSeconds: number;
  readonly codeSeconds: number;
  readonly sessionIdleSeconds: number;
  readonly sessionMaxSeconds: number;
  readonly lockout: Lockout;
  readonly users: ReadonlyMap<string, User>;
  readonly clients: ReadonlyMap<string, Client>;
}

export interface Lockout {
  /** The user waits after this many wrong passwords, and longer after as many more. */
  readonly failures: number;
  readonly waitSeconds: number;
  readonly maxWaitSeconds: number;
  /** A pause this long between two failures starts the count again. */
  readonly forgetSeconds: number;
}

export interface User {
  /** The token's `sub`. */
  readonly id: string;
  readonly username: string;
  readonly enabled: boolean;
  /** Service accounts have none. */
  readonly password: string | undefined;
  readonly realmRoles: readonly string[];
  readonly clientRoles: Readonly<Record<string, readonly string[]>>;
}

export type Client = PublicClient | ConfidentialClient;

export interface PublicClient extends ClientCommon {
  readonly kind: "public";
  readonly redirectUris: readonly string[];
  readonly origins: readonly string[];
}

export interface ConfidentialClient extends ClientCommon {
  readonly kind: "confidential";
  readonly secret: string;
  readonly passwordGrant: boolean;
  readonly serviceAccount: User | undefined;
}

interface ClientCommon {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly mappers: readonly Mapper[];
  /** Roles that a token for this client may carry at most. */
  readonly allowedRealmRoles: ReadonlySet<string>;
  readonly allowedClientRoles: ReadonlyMap<string, ReadonlySet<string>>;
}
