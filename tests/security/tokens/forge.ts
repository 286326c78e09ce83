import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { Buffer } from "node:buffer";
import { decodeJwt, type JWK, type JWTPayload } from "jose";
import type { Fetch } from "../../../shared/adapters/keycloak/provider.ts";
import type { RejectionReason } from "../../../shared/ports/identity.ts";
import { CLIENTS, type RealmClient } from "../../contract/identity_client.ts";

/** One token that must be refused, and why it must be. */
export interface Attack {
  /** Completes "… is refused". */
  readonly name: string;
  readonly reason: RejectionReason;
  readonly forge: (kit: Kit) => string;
}

/**
 * What an attacker has, and more: good tokens, the published keys, keys of his own, and one whose public half the
 * provider publishes beside its own, so that a token can be wrong in one claim and right in all else.
 */
export interface Kit {
  /** An access token of `petugas`, its ID token and its refresh token. */
  readonly good: string;
  readonly idToken: string;
  readonly refreshToken: string;
  readonly claims: JWTPayload;
  /** A key that the provider itself signs with. */
  readonly published: JWK & { readonly kid: string };
  /** Where the attacker would have keys fetched from. */
  readonly lure: string;
}

export async function openKit(client: RealmClient, lure: string): Promise<Kit> {
  const { username, password } = client.credentials("petugas");
  const form = { grant_type: "password", username, password, scope: "openid" };
  const tokens = await client.post("token", CLIENTS["auth-service"], form);
  const good = String(tokens.access_token);
  return {
    good,
    idToken: String(tokens.id_token),
    refreshToken: String(tokens.refresh_token),
    claims: decodeJwt(good),
    published: await client.publishedKey(),
    lure,
  };
}

/** The provider, publishing the keys of this file beside its own. */
export function publishingToo(fetch: Fetch): Fetch {
  return async (request) => {
    const response = await fetch(request);
    if (!new URL(request.url).pathname.endsWith("/certs")) return response;
    const { keys } = await response.json();
    return Response.json({ keys: [...keys, ...PUBLISHED_TOO] });
  };
}

/** Signed as the header says, by the key that the provider publishes as `kid`, or by a stranger's. */
export function token(
  claims: unknown,
  header: Record<string, unknown> = {},
  key: KeyObject = TRUSTED,
): string {
  const { alg = "RS256", ...rest } = header;
  const content = `${encode({ alg, typ: "JWT", kid: KID.trusted, ...rest })}.${encode(claims)}`;
  return `${content}.${signature(content, key)}`;
}

export function signature(content: string, key: KeyObject, algorithm = "sha256"): string {
  const ieee = key.asymmetricKeyType === "ec" ? { dsaEncoding: "ieee-p1363" as const } : {};
  const digest = key.asymmetricKeyType === "ed25519" ? null : algorithm;
  return sign(digest, Buffer.from(content), { key, ...ieee }).toString("base64url");
}

/** An HMAC, as the header `alg` says, under whatever is taken for the secret. */
export function hmac(claims: unknown, header: Record<string, unknown>, secret: string | Buffer): string {
  const content = `${encode({ typ: "JWT", ...header })}.${encode(claims)}`;
  const digest = `sha${String(header.alg).slice(2)}`;
  return `${content}.${createHmac(digest, secret).update(content).digest("base64url")}`;
}

/** A text is taken for JSON already: for what no serialiser writes. */
export function encode(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}

export function parts(compact: string): [header: string, payload: string, signature: string] {
  const [header = "", payload = "", signature = ""] = compact.split(".");
  return [header, payload, signature];
}

const jwkOf = (key: KeyObject) => key.export({ format: "jwk" });
const rsa = (modulusLength: number, publicExponent: number) =>
  generateKeyPairSync("rsa", { modulusLength, publicExponent });
const trusted = rsa(2048, 65537);
const stranger = rsa(2048, 65537);
const curve = generateKeyPairSync("ec", { namedCurve: "P-256" });
const short = rsa(1024, 65537);
const cube = rsa(2048, 3);

export const TRUSTED = trusted.privateKey;
export const STRANGER = stranger.privateKey;
export const CURVE = curve.privateKey;
export const SHORT = short.privateKey;
export const EDWARDS = generateKeyPairSync("ed25519").privateKey;
export const STRANGER_JWK = { ...jwkOf(stranger.publicKey), kid: "asing", alg: "RS256", use: "sig" };
export const TRUSTED_PUBLIC = trusted.publicKey;

/** The names under which the provider publishes the keys of this file. */
export const KID = { trusted: "uji", curve: "uji-lengkung", short: "uji-pendek", cube: "uji-tiga" } as const;

const PUBLISHED_TOO = [
  { ...jwkOf(trusted.publicKey), kid: KID.trusted, alg: "RS256", use: "sig" },
  { ...jwkOf(curve.publicKey), kid: KID.curve, alg: "ES256", use: "sig" },
  { ...jwkOf(short.publicKey), kid: KID.short, alg: "RS256", use: "sig" },
  { ...jwkOf(cube.publicKey), kid: KID.cube, alg: "RS256", use: "sig" },
];
