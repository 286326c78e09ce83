import { createHash } from "node:crypto";
import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { claimsOf } from "./claims.ts";
import type { KeyRing } from "./keys.ts";
import type { Client, Realm, User } from "./realm.ts";
import type { Session } from "./sessions.ts";

/** Signs and reads the realm's tokens; header, claims and lifetimes are Keycloak's. */
export class Tokens {
  // Refresh tokens are for this server alone, so a secret of its own signs them, as Keycloak does.
  readonly #refreshKey = crypto.getRandomValues(new Uint8Array(64));

  constructor(
    readonly realm: Realm,
    readonly issuer: string,
    readonly keys: KeyRing,
    readonly now: () => number,
  ) {}

  access(user: User, client: Client, session?: Session): Promise<string> {
    return this.#sign({
      ...claimsOf(user, client, "access"),
      typ: "Bearer",
      azp: client.id,
      scope: scopeOf(client, session?.openid ?? false),
      ...(session && { sid: session.id }),
    });
  }

  id(session: Session, accessToken: string, nonce: string | undefined): Promise<string> {
    const digest = createHash("sha256").update(accessToken).digest();
    return this.#sign({
      ...claimsOf(session.user, session.client, "id"),
      typ: "ID",
      azp: session.client.id,
      aud: session.client.id,
      sub: session.user.id,
      sid: session.id,
      at_hash: digest.subarray(0, 16).toString("base64url"),
      ...(nonce !== undefined && { nonce }),
    });
  }

  refresh(session: Session): Promise<string> {
    const issuedAt = Math.floor(this.now() / 1000);
    const idleUntil = issuedAt + this.realm.sessionIdleSeconds;
    return new SignJWT({ typ: "Refresh", azp: session.client.id, sid: session.id })
      .setProtectedHeader({ alg: "HS512", typ: "JWT" })
      .setIssuer(this.issuer).setAudience(this.issuer).setSubject(session.user.id).setJti(session.refreshId)
      .setIssuedAt(issuedAt).setExpirationTime(Math.min(idleUntil, Math.floor(session.expiresAt / 1000)))
      .sign(this.#refreshKey);
  }

  /** The claims of an access token that we signed and that has not expired. */
  async readAccess(token: string): Promise<JWTPayload | undefined> {
    return await ofType(
      "Bearer",
      () =>
        jwtVerify(token, ({ kid }) => this.keys.find(kid)?.publicKey ?? unknownKey(), {
          issuer: this.issuer,
          algorithms: [this.keys.algorithm],
          currentDate: new Date(this.now()),
        }),
    );
  }

  async readRefresh(token: string): Promise<JWTPayload | undefined> {
    return await ofType("Refresh", () =>
      jwtVerify(token, this.#refreshKey, {
        issuer: this.issuer,
        audience: this.issuer,
        algorithms: ["HS512"],
        currentDate: new Date(this.now()),
      }));
  }

  #sign(claims: JWTPayload): Promise<string> {
    const { kid, privateKey } = this.keys.active;
    const issuedAt = Math.floor(this.now() / 1000);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: this.keys.algorithm, typ: "JWT", kid })
      .setIssuer(this.issuer).setJti(crypto.randomUUID())
      .setIssuedAt(issuedAt).setExpirationTime(issuedAt + this.realm.accessTokenSeconds)
      .sign(privateKey);
  }
}

export function scopeOf(client: Client, openid: boolean): string {
  return [...(openid ? ["openid"] : []), ...client.scopes].join(" ");
}

/** An access token and an ID token have the same header and signature: only the payload's `typ` tells them apart. */
async function ofType(
  typ: "Bearer" | "Refresh",
  read: () => Promise<{ payload: JWTPayload }>,
): Promise<JWTPayload | undefined> {
  try {
    const { payload } = await read();
    return payload.typ === typ ? payload : undefined;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

function unknownKey(): never {
  throw new errors.JWKSNoMatchingKey();
}
