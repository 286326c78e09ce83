import { createHash } from "node:crypto";
import { Hono } from "hono";
import type { Codes } from "./authorization.ts";
import { authenticateClient, type Form, OAuthError, readForm } from "./oauth.ts";
import { type Provider, serviceAccountTokens, sessionTokens } from "./provider.ts";
import type { Client } from "./realm.ts";
import { sameSecret } from "./same_secret.ts";

/** `POST /token`: RFC 6749, sections 4.1.3, 4.3, 4.4 and 6; errors and their status are those of Keycloak 26.7. */
export function tokenEndpoint(provider: Provider, codes: Codes): Hono {
  return new Hono().post("/token", async (c) => {
    const form = await readForm(c);
    const client = authenticateClient(c, form, provider.realm);
    switch (form.get("grant_type")) {
      case "password":
        return c.json(await passwordGrant(provider, client, form));
      case "client_credentials":
        return c.json(await clientCredentialsGrant(provider, client));
      case "refresh_token":
        return c.json(await refreshGrant(provider, client, form));
      case "authorization_code":
        return c.json(await codeGrant(provider, codes, client, form));
      case undefined:
        throw new OAuthError(400, "invalid_request", "Missing form parameter: grant_type");
      default:
        throw new OAuthError(400, "unsupported_grant_type", "Unsupported grant_type");
    }
  });
}

async function passwordGrant(provider: Provider, client: Client, form: Form) {
  if (client.kind === "public" || !client.passwordGrant) {
    throw new OAuthError(400, "unauthorized_client", "Client not allowed for direct access grants");
  }
  const openid = readScope(client, form);
  const username = form.get("username");
  if (username === undefined) {
    throw new OAuthError(401, "invalid_request", "Missing parameter: username");
  }
  const verdict = await provider.passwords.check(username, form.get("password") ?? "");
  if (verdict.kind === "wrong") throw new OAuthError(400, "invalid_grant", "Invalid user credentials");
  if (verdict.kind === "disabled") throw new OAuthError(400, "invalid_grant", "Account disabled");
  if (verdict.user.mustChangePassword) {
    throw new OAuthError(400, "invalid_grant", "Account is not fully set up");
  }
  return await sessionTokens(provider, provider.sessions.open(verdict.user, client, openid));
}

function clientCredentialsGrant(provider: Provider, client: Client) {
  if (client.kind === "public" || !client.serviceAccount?.enabled) {
    throw new OAuthError(401, "unauthorized_client", "Client not enabled to retrieve service account");
  }
  return serviceAccountTokens(provider, client.serviceAccount, client);
}

async function refreshGrant(provider: Provider, client: Client, form: Form) {
  const { sessions, tokens } = provider;
  const token = form.get("refresh_token");
  if (token === undefined) throw new OAuthError(400, "invalid_request", "No refresh token");
  const claims = await tokens.readRefresh(token);
  if (!claims) throw new OAuthError(400, "invalid_grant", "Invalid refresh token");
  requireOwn(claims.azp, client);
  const session = sessions.find(String(claims.sid));
  if (!session) throw new OAuthError(400, "invalid_grant", "Session not active");
  if (claims.jti !== session.refreshId) {
    // Either the client or a thief uses it a second time: nobody can tell, so both are out (RFC 9700, 4.14.2).
    sessions.end(session.id);
    throw new OAuthError(400, "invalid_grant", "Maximum allowed refresh token reuse exceeded");
  }
  return await sessionTokens(provider, sessions.rotate(session));
}

async function codeGrant(provider: Provider, codes: Codes, client: Client, form: Form) {
  const { sessions, users } = provider;
  const code = form.get("code") ?? "";
  const granted = codes.redeem(code);
  // A thief may have been first: what the code has opened ends (RFC 6749, 4.1.2).
  if (!granted) sessions.end(codes.openedBy(code) ?? "");
  if (!granted || granted.client !== client) throw new OAuthError(400, "invalid_grant", "Code not valid");
  if (granted.redirectUri !== form.get("redirect_uri")) {
    throw new OAuthError(400, "invalid_grant", "Incorrect redirect_uri");
  }
  const verifier = form.get("code_verifier");
  if (verifier === undefined) throw new OAuthError(400, "invalid_grant", "PKCE code verifier not specified");
  if (!sameSecret(createHash("sha256").update(verifier).digest("base64url"), granted.challenge)) {
    throw new OAuthError(400, "invalid_grant", "PKCE verification failed: Code mismatch");
  }
  // Signed out before the code was used.
  if (sessions.browsers.userIn(granted.browser ?? "") === undefined) {
    throw new OAuthError(400, "invalid_grant", "Code not valid");
  }
  const user = users.byId(granted.user.id);
  if (!user?.enabled) throw new OAuthError(400, "invalid_grant", "User disabled");
  const session = sessions.open(user, client, granted.openid, granted.browser);
  codes.spent(code, session.id);
  return await sessionTokens(provider, session, granted.nonce);
}

/** Whether `openid` is asked for; nothing else can be. */
function readScope(client: Client, form: Form): boolean {
  const asked = (form.get("scope") ?? "").split(" ").filter((scope) => scope !== "");
  const unknown = asked.filter((scope) => scope !== "openid" && !client.scopes.includes(scope));
  if (unknown.length > 0) throw new OAuthError(400, "invalid_scope", `Invalid scopes: ${asked.join(" ")}`);
  return asked.includes("openid");
}

export function requireOwn(azp: unknown, client: Client): void {
  if (azp === client.id) return;
  throw new OAuthError(
    400,
    "invalid_grant",
    "Invalid refresh token. Token client and authorized client don't match",
  );
}
