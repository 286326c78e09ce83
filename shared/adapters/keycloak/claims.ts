import * as z from "zod";
import {
  type Caller,
  type RejectionReason,
  type Role,
  ROLES,
  type Verification,
} from "../../ports/identity.ts";
import { parseKodeProvinsi } from "../../penduduk/provinsi.ts";

/** Parses the claims of a Keycloak access token; undefined when one of them has the wrong type or is missing. */
export function parseClaims(payload: unknown): Claims | undefined {
  return claims.safeParse(payload).data;
}

/** The first claim that does not fit, in the order of this function; undefined when all do. */
export function wrongClaim(claims: Claims, expected: Expected, now: number): RejectionReason | undefined {
  const seconds = now / 1000;
  if (claims.iss !== expected.issuer) return "issuer";
  if (![claims.aud].flat().includes(expected.audience)) return "audience";
  if (claims.azp === undefined || !expected.clients.has(claims.azp)) return "client";
  if (claims.typ !== "Bearer") return "type";
  if (claims.exp <= seconds - TOLERANCE_SECONDS) return "expired";
  // No token of ours lives this long: it was issued wrongly, and nobody could call it back.
  if (claims.exp - claims.iat > MAX_LIFE_SECONDS) return "lifetime";
  if (Math.max(claims.iat, claims.nbf ?? 0) > seconds + TOLERANCE_SECONDS) return "not-yet-valid";
  // The token is bound to a key that its sender must prove to hold (RFC 8705, 9449), and we ask for no proof.
  if (claims.cnf !== undefined) return "sender-constrained";
  return undefined;
}

export function verified(claims: Claims): Verification & { kind: "verified" } {
  const caller: Caller = {
    subject: claims.sub,
    roles: new Set(claims.realm_access?.roles.filter(isRole)),
    clientId: claims.azp ?? "",
    expiresAt: new Date(claims.exp * 1000),
    ...(claims.provinsi && { provinsi: claims.provinsi }),
  };
  return { kind: "verified", caller };
}

export function rejected(reason: RejectionReason): Verification {
  return { kind: "rejected", reason };
}

/** Longer tokens are refused unread. Ours have about 1,000 characters. */
export const MAX_TOKEN_LENGTH = 4096;

/** From `iat` to `exp`, whatever the realm says. */
const MAX_LIFE_SECONDS = 3_600;

/** How far the clocks of the provider and ours may differ. */
const TOLERANCE_SECONDS = 5;

const isRole = (name: string): name is Role => ROLES.some((role) => role === name);

/** A province that nobody can read would else be no bound at all. */
const kodeProvinsi = z.string().transform((text, context) => {
  const kode = parseKodeProvinsi(text);
  if (kode !== undefined) return kode;
  context.addIssue({ code: "custom", message: "must be the code of a province", input: undefined });
  return z.NEVER;
});

const claims = z.object({
  iss: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  azp: z.string().optional(),
  typ: z.string().optional(),
  sub: z.string().regex(/^[\x20-\x7e]{1,255}$/),
  exp: z.number(),
  iat: z.number(),
  nbf: z.number().optional(),
  cnf: z.unknown().optional(),
  provinsi: kodeProvinsi.optional(),
  realm_access: z.object({ roles: z.array(z.string()) }).optional(),
});

export type Claims = z.output<typeof claims>;

export interface Expected {
  readonly issuer: string;
  readonly audience: string;
  readonly clients: ReadonlySet<string>;
}
