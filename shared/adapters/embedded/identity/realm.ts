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
  readonly passwordPolicy: PasswordPolicy;
  readonly roles: readonly RealmRole[];
  /** Of the file, by user name. */
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

export interface PasswordPolicy {
  /** Fewest characters. The user name is never a password. */
  readonly length: number;
}

export interface RealmRole {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

export interface User {
  /** The token's `sub`. */
  readonly id: string;
  readonly username: string;
  readonly enabled: boolean;
  readonly firstName: string | undefined;
  readonly lastName: string | undefined;
  readonly email: string | undefined;
  /** Two digits: the province that the officer is confined to. */
  readonly provinsi: string | undefined;
  readonly password: Password | undefined;
  /** The sign-in page asks for another password first; the password grant refuses until then. */
  readonly mustChangePassword: boolean;
  readonly realmRoles: readonly string[];
  readonly clientRoles: Readonly<Record<string, readonly string[]>>;
  /** Of a client: nobody signs in as it, and the admin API does not know it. */
  readonly serviceAccount: boolean;
}

export type Password =
  /** In a variable of the process, in clear. */
  | { readonly kind: "configured"; readonly clear: string }
  | { readonly kind: "stored"; readonly hash: string };

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
