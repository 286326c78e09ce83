import type { Context, Hono } from "hono";
import { decodeJwt } from "jose";
import { type AppEnv, createApp, type RequestObserver } from "../../shared/http/app.ts";
import { actorOf, auditRoutes } from "../../shared/http/audited.ts";
import { authenticate, onlyFromEdge } from "../../shared/http/authenticate.ts";
import { boundByDeadline, deadlineOf } from "../../shared/http/deadline.ts";
import { readJson } from "../../shared/http/json_body.ts";
import { Problem } from "../../shared/http/problem.ts";
import { LoginInput, RefreshInput } from "../../shared/http/schemas/auth.ts";
import type { Audit } from "../../shared/ports/audit.ts";
import type { Grant, Identity, Tokens } from "../../shared/ports/identity.ts";

/** Log in, stay logged in, log out; and `GET /protected`, which shows whether a token is good. */
export function createAuthApp({ identity, audit, observe }: AuthContext): Hono<AppEnv> {
  const app = createApp({ service: "auth", ...(observe && { observe }) });
  auditRoutes(app, audit, [
    ["POST", "/login", "login"],
    ["POST", "/refresh", "refresh"],
    ["POST", "/logout", "logout"],
    ["GET", "/protected", "protected.baca"],
  ]);
  app.use(boundByDeadline(), onlyFromEdge(identity));
  app.use(async function noStore(c, next) {
    await next();
    c.header("cache-control", "no-store");
  });

  app.post("/login", async (c) => {
    const credentials = await readJson(c, LoginInput);
    const grant = await identity.passwordGrant(credentials, deadlineOf(c));
    const refusal = new Problem("WRONG_CREDENTIALS", "Periksa kembali nama pengguna dan kata sandi");
    return c.json(await namedTokens(c, tokensOf(grant, refusal)));
  });

  app.post("/refresh", async (c) => {
    const { refresh_token } = await readJson(c, RefreshInput);
    const grant = await identity.refresh(refresh_token, deadlineOf(c));
    return c.json(await namedTokens(c, tokensOf(grant, sessionOver())));
  });

  app.post("/logout", async (c) => {
    const { refresh_token } = await readJson(c, RefreshInput);
    const outcome = await identity.logout(refresh_token, deadlineOf(c));
    if (outcome === "unavailable") throw identityUnavailable();
    if (outcome === "rejected") throw sessionOver();
    // The provider took the token for its own a moment ago, so that its claims can be believed.
    const { sub } = decodeJwt(refresh_token);
    if (sub !== undefined) c.set("actor", { kind: "user", id: sub, roles: [] });
    return c.body(null, 204);
  });

  app.get("/protected", authenticate((token, signal) => identity.introspect(token, signal)), (c) => {
    return c.json({ message: "Akses diotorisasi" });
  });
  return app;

  /** Lets the audit know who got these tokens; nobody gets any of whom it could not say that. */
  async function namedTokens(c: Context<AppEnv>, tokens: Tokens): Promise<Tokens> {
    const verification = await identity.verify(tokens.access_token);
    if (verification.kind !== "verified") throw identityUnavailable();
    c.set("actor", actorOf(verification.caller));
    return tokens;
  }
}

function tokensOf(grant: Grant, refusal: Problem): Tokens {
  switch (grant.kind) {
    case "granted":
      return grant.tokens;
    case "rejected":
      throw refusal;
    case "unavailable":
      throw identityUnavailable();
  }
}

const sessionOver = () =>
  new Problem("UNAUTHENTICATED", "Sesi sudah berakhir atau token tidak sah; masuk kembali");
const identityUnavailable = () =>
  new Problem("IDENTITY_UNAVAILABLE", "Layanan identitas tidak menjawab; coba lagi sebentar lagi");

export interface AuthContext {
  readonly identity: Identity;
  readonly audit: Audit;
  readonly observe?: RequestObserver;
}
