import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import type { Codes, Login } from "./authorization.ts";
import { readForm } from "./oauth.ts";
import type { Provider } from "./provider.ts";

/** Authorization code with PKCE (RFC 6749, 4.1; RFC 7636): the login page and the redirect that carries the code. */
export function authorizationPage(provider: Provider, codes: Codes): Hono {
  const { realm, issuer, passwords } = provider;
  const app = new Hono();

  app.get("/protocol/openid-connect/auth", (c) => {
    const query = c.req.query();
    const client = realm.clients.get(query.client_id ?? "");
    const redirectUri = query.redirect_uri ?? "";
    if (client?.kind !== "public" || !client.redirectUris.includes(redirectUri)) {
      // Never redirect to an address that is not registered: it would carry the error to anybody.
      return c.html(
        html`
          <h1>Permintaan tidak sah</h1>
          <p>Alamat tujuan atau klien tidak dikenal.</p>
        `,
        400,
      );
    }
    const back = (error: string, description: string) =>
      redirect(c, redirectUri, { error, error_description: description, state: query.state, iss: issuer });
    if (query.response_type !== "code") return back("unsupported_response_type", "Only code is supported");
    if (query.code_challenge_method !== "S256" || !/^[\w-]{43}$/.test(query.code_challenge ?? "")) {
      return back("invalid_request", "Missing parameter: code_challenge_method");
    }
    const login: Login = {
      client,
      redirectUri,
      state: query.state,
      nonce: query.nonce,
      challenge: query.code_challenge ?? "",
      openid: (query.scope ?? "").split(" ").includes("openid"),
    };
    return page(c, codes.begin(login));
  });

  app.post("/login-actions/authenticate", async (c) => {
    const form = await readForm(c);
    const id = form.get("login") ?? "";
    const login = codes.login(id);
    // The cookie ties the form to the browser that asked for it, so nobody is logged in as somebody else unawares.
    if (!login || getCookie(c, COOKIE) !== id) return c.html(html`<h1>Sesi masuk kedaluwarsa</h1>`, 400);
    const verdict = passwords.check(form.get("username") ?? "", form.get("password") ?? "");
    if (verdict.kind !== "right") return page(c, id, "Nama pengguna atau kata sandi salah");
    const code = codes.grant(id, login, verdict.user);
    return redirect(c, login.redirectUri, { code, state: login.state, iss: issuer });
  });

  function page(c: Context, login: string, error?: string): Response | Promise<Response> {
    c.header("content-security-policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
    c.header("referrer-policy", "no-referrer");
    const path = new URL(issuer).pathname;
    setCookie(c, COOKIE, login, {
      httpOnly: true,
      sameSite: "Lax",
      path,
      secure: issuer.startsWith("https:"),
    });
    return c.html(
      html`<!doctype html>
<html lang="id">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Masuk</title>
<h1>${realm.displayName}</h1>
<p>Penyedia identitas tertanam, hanya untuk pengembangan.</p>
${error === undefined ? "" : html`<p role="alert">${error}</p>`}
<form method="post" action="${path}/login-actions/authenticate">
<input type="hidden" name="login" value="${login}">
<p><label>Nama pengguna <input name="username" autocomplete="username" required></label></p>
<p><label>Kata sandi <input type="password" name="password" autocomplete="current-password" required></label></p>
<button>Masuk</button>
</form>
</html>`,
      error === undefined ? 200 : 401,
    );
  }

  return app;
}

const COOKIE = "AUTH_SESSION_ID";

function redirect(c: Context, to: string, params: Record<string, string | undefined>): Response {
  const url = new URL(to);
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return c.redirect(url.href, 302);
}
