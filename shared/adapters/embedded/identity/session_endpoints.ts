import { Hono } from "hono";
import { authenticateClient, OAuthError, readForm } from "./oauth.ts";
import { type Provider, readActive } from "./provider.ts";
import { requireOwn } from "./token_endpoint.ts";

/** Introspection (RFC 7662), revocation (RFC 7009) and Keycloak's logout by refresh token. */
export function sessionEndpoints(provider: Provider): Hono {
  const { realm, tokens, sessions, revoked } = provider;
  const app = new Hono();

  app.post("/token/introspect", async (c) => {
    const form = await readForm(c);
    const client = authenticateIntrospector(() => authenticateClient(c, form, realm));
    if (client.kind === "public") throw new OAuthError(403, "invalid_request", "Client not allowed.");
    const token = form.get("token");
    if (token === undefined) throw new OAuthError(400, "invalid_request", "Token not provided.");
    const active = await readActive(provider, token);
    // Keycloak 26.7 tells a client only of tokens that are meant for it.
    if (!active || ![active.claims.aud].flat().includes(client.id)) return c.json({ active: false });
    const { claims, user } = active;
    return c.json({
      ...claims,
      client_id: claims.azp,
      username: user.username,
      token_type: "Bearer",
      active: true,
    });
  });

  app.post("/revoke", async (c) => {
    const form = await readForm(c);
    const client = authenticateClient(c, form, realm);
    const token = form.get("token");
    if (token === undefined) throw new OAuthError(400, "invalid_request", "Token not provided");
    const refresh = await tokens.readRefresh(token);
    const access = refresh ? undefined : await tokens.readAccess(token);
    const claims = refresh ?? access;
    if (!claims) throw new OAuthError(200, "invalid_token", "Invalid token");
    if (claims.azp !== client.id) throw new OAuthError(400, "invalid_request", "Unmatching clients");
    if (refresh) sessions.end(String(refresh.sid));
    if (access?.jti && access.exp) revoke(access.jti, access.exp);
    return c.body(null, 200);
  });

  app.post("/logout", async (c) => {
    const form = await readForm(c);
    const client = authenticateClient(c, form, realm);
    const claims = await tokens.readRefresh(form.get("refresh_token") ?? "");
    if (!claims) throw new OAuthError(400, "invalid_grant", "Invalid refresh token");
    requireOwn(claims.azp, client);
    sessions.end(String(claims.sid));
    return c.body(null, 204);
  });

  function revoke(jti: string, expiry: number): void {
    for (const [old, expired] of revoked) if (expired * 1000 < provider.now()) revoked.delete(old);
    revoked.set(jti, expiry);
  }

  return app;
}

/** Keycloak words a wrong secret differently here than at the token endpoint. */
function authenticateIntrospector<T>(authenticate: () => T): T {
  try {
    return authenticate();
  } catch (error) {
    if (!(error instanceof OAuthError) || error.error !== "unauthorized_client") throw error;
    throw new OAuthError(401, "invalid_client", "Client authentication failed.");
  }
}
