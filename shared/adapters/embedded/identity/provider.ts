import type { JWTPayload } from "jose";
import type { KeyRing } from "./keys.ts";
import type { PasswordCheck } from "./passwords.ts";
import type { Client, Realm, User } from "./realm.ts";
import type { Session, Sessions } from "./sessions.ts";
import { scopeOf, type Tokens } from "./tokens.ts";
import type { Users } from "./users.ts";

/** What the endpoints share. */
export interface Provider {
  readonly realm: Realm;
  readonly issuer: string;
  readonly now: () => number;
  readonly keys: KeyRing;
  readonly tokens: Tokens;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly passwords: PasswordCheck;
  /** Log2 of scrypt's N, for passwords that are stored from now on. */
  readonly passwordWork: number;
  /** `jti` of revoked access tokens → when they would have expired, in seconds since 1970. */
  readonly revoked: Map<string, number>;
}

/** The token answer of a session: RFC 6749, section 5.1, with Keycloak's additions. */
export async function sessionTokens(provider: Provider, session: Session, nonce?: string) {
  const { realm, tokens } = provider;
  const access_token = await tokens.access(session.user, session.client, session);
  return {
    access_token,
    expires_in: realm.accessTokenSeconds,
    refresh_expires_in: realm.sessionIdleSeconds,
    refresh_token: await tokens.refresh(session),
    token_type: "Bearer",
    ...(session.openid && { id_token: await tokens.id(session, access_token, nonce) }),
    "not-before-policy": 0,
    session_state: session.id,
    scope: scopeOf(session.client, session.openid),
  };
}

/** The token answer of a service account, which has no session and nothing to refresh. */
export async function serviceAccountTokens(provider: Provider, account: User, client: Client) {
  return {
    access_token: await provider.tokens.access(account, client),
    expires_in: provider.realm.accessTokenSeconds,
    refresh_expires_in: 0,
    token_type: "Bearer",
    "not-before-policy": 0,
    scope: scopeOf(client, false),
  };
}

/** An access token whose user, session and own id are all still good. */
export async function readActive(provider: Provider, token: string): Promise<ActiveToken | undefined> {
  const claims = await provider.tokens.readAccess(token);
  if (!claims || provider.revoked.has(claims.jti ?? "")) return undefined;
  if (typeof claims.sid === "string" && !provider.sessions.find(claims.sid)) return undefined;
  const user = provider.users.byId(claims.sub ?? "");
  return user?.enabled ? { claims, user } : undefined;
}

export interface ActiveToken {
  readonly claims: JWTPayload;
  readonly user: User;
}
