import type { KodeProvinsi } from "../penduduk/provinsi.ts";
import type { Role } from "./identity.ts";

/**
 * The people who may sign in, as their administrator sees them. Rejects with `DirectoryUnavailable` or
 * `DirectoryRefused` when the identity provider is away or refuses us; what concerns one user is a value.
 */
export interface UserDirectory {
  /** By the exact name; undefined for a service account too: those belong to the realm file. */
  find(username: Username): Promise<User | undefined>;
  /** By name. */
  list(): AsyncIterable<User>;
  create(user: NewUser): Promise<Created>;
  /** Only what is named changes. The sessions go on: see `endSessions`. */
  change(id: UserId, change: UserChange): Promise<Changed>;
  /** The roles that the user has afterwards, of those that people can have; others are left alone. */
  setRoles(id: UserId, roles: ReadonlySet<PersonRole>): Promise<void>;
  /** Frees a user whom wrong passwords had locked out, too. */
  setPassword(id: UserId, password: NewPassword): Promise<Changed>;
  /** Afterwards no refresh token is good, and introspection knows no access token. */
  endSessions(id: UserId): Promise<void>;
}

/** `tanpa-batas` is for service accounts alone. */
export const PERSON_ROLES = ["admin", "petugas", "warga", "auditor"] as const satisfies readonly Role[];
export type PersonRole = typeof PERSON_ROLES[number];

/** The token's `sub`. */
export type UserId = string & { readonly __brand: "UserId" };

/** Three to 64 of a–z, 0–9, dot, hyphen and underscore, in small letters; never a NIK. */
export type Username = string & { readonly __brand: "Username" };

/** Why a text is no user name, as the end of a sentence; it never repeats the text. */
export function parseUsername(text: string): Username | { readonly wrong: string } {
  if (isUsername(text)) return text;
  return {
    wrong:
      "takes three to 64 of a-z, 0-9, dot, hyphen and underscore, from a letter on, never eight digits in a row",
  };
}

function isUsername(text: string): text is Username {
  // It is in every token and every log of the provider: a NIK has no place in it.
  return /^[a-z][a-z0-9._-]{2,63}$/.test(text) && !/\d{8}/.test(text) && !text.startsWith("service-account-");
}

export interface User {
  readonly id: UserId;
  readonly username: Username;
  readonly enabled: boolean;
  readonly nama: string | undefined;
  readonly email: string | undefined;
  readonly roles: ReadonlySet<PersonRole>;
  /** Where an officer registers and reads; undefined is everywhere. */
  readonly provinsi: KodeProvinsi | undefined;
}

export interface NewUser {
  readonly username: Username;
  readonly nama: string;
  readonly email: string | undefined;
  readonly roles: ReadonlySet<PersonRole>;
  readonly provinsi: KodeProvinsi | undefined;
  /** Without one nobody can sign in until `setPassword`. */
  readonly password: NewPassword | undefined;
}

export interface NewPassword {
  readonly value: string;
  /** It must be changed on the sign-in page first; the password grant (`POST /login`) refuses until then. */
  readonly mustChange: boolean;
}

/** `provinsi: undefined` takes the province away. */
export interface UserChange {
  readonly enabled?: boolean;
  readonly nama?: string;
  readonly email?: string;
  readonly provinsi?: KodeProvinsi | undefined;
}

export type Created =
  | { readonly kind: "created"; readonly id: UserId }
  | { readonly kind: "exists"; readonly field: "username" | "email" }
  | Refused;

export type Changed =
  | { readonly kind: "changed" }
  | { readonly kind: "exists"; readonly field: "email" }
  | Refused;

/** The realm's own rules: its password policy, or the shape of a field. */
export interface Refused {
  readonly kind: "refused";
  readonly why: "password-policy" | "field";
}

export class DirectoryUnavailable extends Error {
  override readonly name = "DirectoryUnavailable";
}

/** The provider knows our client not at all, or the client has not the right to manage users. */
export class DirectoryRefused extends Error {
  override readonly name = "DirectoryRefused";
}
