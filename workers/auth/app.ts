import type { Hono } from "hono";
import { type AppEnv, createApp, type RequestObserver } from "../../shared/http/app.ts";
import { authenticate, onlyFromEdge } from "../../shared/http/authenticate.ts";
import { readJson } from "../../shared/http/json_body.ts";
import { Problem } from "../../shared/http/problem.ts";
import { LoginInput, RefreshInput } from "../../shared/http/schemas/auth.ts";
import type { Grant, Identity, Tokens } from "../../shared/ports/identity.ts";

/** Log in, stay logged in, log out; and `GET /protected`, which shows whether a token is good. */
export function createAuthApp({ identity, observe }: AuthContext): Hono<AppEnv> {
  const app = createApp({ service: "auth", ...(observe && { observe }) });
  app.use(onlyFromEdge(identity));
  app.use(async function noStore(c, next) {
    await next();
    c.header("cache-control", "no-store");
  });

  app.post("/login", async (c) => {
    const credentials = await readJson(c, LoginInput);
    const grant = await identity.passwordGrant(credentials, c.req.raw.signal);
    return c.json(
      tokensOf(grant, new Problem("WRONG_CREDENTIALS", "Periksa kembali nama pengguna dan kata sandi")),
    );
  });

  app.post("/refresh", async (c) => {
    const { refresh_token } = await readJson(c, RefreshInput);
    return c.json(tokensOf(await identity.refresh(refresh_token, c.req.raw.signal), sessionOver()));
  });

  app.post("/logout", async (c) => {
    const { refresh_token } = await readJson(c, RefreshInput);
    const outcome = await identity.logout(refresh_token, c.req.raw.signal);
    if (outcome === "unavailable") throw identityUnavailable();
    if (outcome === "rejected") throw sessionOver();
    return c.body(null, 204);
  });

  app.get("/protected", authenticate((token, signal) => identity.introspect(token, signal)), (c) => {
    return c.json({ message: "Akses diotorisasi" });
  });
  return app;
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
  readonly observe?: RequestObserver;
}
