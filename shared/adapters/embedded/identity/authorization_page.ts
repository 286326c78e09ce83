import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { Codes, Login } from "./authorization.ts";
import { type Form, readForm } from "./oauth.ts";
import { changePasswordPage, refusalPage, signInPage } from "./authorization_views.ts";
import { hashPassword } from "./password_hash.ts";
import { brokenRule } from "./password_policy.ts";
import type { Provider } from "./provider.ts";

/** Authorization code with PKCE (RFC 6749, 4.1; RFC 7636): the login page and the redirect that carries the code. */
export function authorizationPage(provider: Provider, codes: Codes): Hono {
  const { realm, issuer, passwords, users } = provider;
  const app = new Hono();

  app.get("/protocol/openid-connect/auth", (c) => {
    const query = c.req.query();
    const client = realm.clients.get(query.client_id ?? "");
    const redirectUri = query.redirect_uri ?? "";
    const twice = Object.values(c.req.queries()).some((values) => values.length > 1);
    if (twice || client?.kind !== "public" || !client.redirectUris.includes(redirectUri)) {
      // Never redirect to an address that is not registered: it would carry the error to anybody.
      return show(c, refusalPage("Permintaan tidak sah", "Alamat tujuan atau klien tidak dikenal."), 400);
    }
    const back = (error: string, description: string) =>
      redirect(c, redirectUri, { error, error_description: description, state: query.state, iss: issuer });
    if (query.response_type !== "code") return back("unsupported_response_type", "Only code is supported");
    if (query.code_challenge_method !== "S256" || !/^[\w-]{43}$/.test(query.code_challenge ?? "")) {
      return back("invalid_request", "Missing parameter: code_challenge_method");
    }
    const id = codes.begin({
      client,
      redirectUri,
      state: query.state,
      nonce: query.nonce,
      challenge: query.code_challenge ?? "",
      openid: (query.scope ?? "").split(" ").includes("openid"),
    });
    return signIn(c, id);
  });

  app.post("/login-actions/authenticate", async (c) => {
    const form = await readForm(c);
    const { id, login } = ownLogin(c, form);
    if (!login) return expired(c);
    const verdict = await passwords.check(form.get("username") ?? "", form.get("password") ?? "");
    if (verdict.kind !== "right") return signIn(c, id, "Nama pengguna atau kata sandi salah");
    if (!verdict.user.mustChangePassword) return grant(c, id, login, verdict.user.id);
    codes.drop(id);
    return changePassword(c, codes.begin({ ...login, changing: verdict.user.id }));
  });

  app.post("/login-actions/required-action", async (c) => {
    const form = await readForm(c);
    const { id, login } = ownLogin(c, form);
    const user = users.byId(login?.changing ?? "");
    if (!login || !user?.enabled) return expired(c);
    const password = form.get("password-new") ?? "";
    if (password !== form.get("password-confirm")) {
      return changePassword(c, id, "Kedua kata sandi tidak sama");
    }
    if (brokenRule(realm.passwordPolicy, user.username, password)) {
      const { length } = realm.passwordPolicy;
      return changePassword(c, id, `Kata sandi paling sedikit ${length} karakter dan bukan nama pengguna`);
    }
    // Before the wait: the form is good once.
    codes.drop(id);
    const hash = await hashPassword(password, provider.passwordWork);
    await users.put({
      ...(users.byId(user.id) ?? user),
      password: { kind: "stored", hash },
      mustChangePassword: false,
    });
    return grant(c, id, login, user.id);
  });

  /** The cookie ties the form to the browser that asked for it, so nobody is logged in as somebody else unawares. */
  function ownLogin(c: Context, form: Form): { id: string; login: Login | undefined } {
    const id = form.get("login") ?? "";
    return { id, login: getCookie(c, COOKIE) === id ? codes.login(id) : undefined };
  }

  function grant(c: Context, id: string, login: Login, userId: string) {
    const user = users.byId(userId);
    if (!user?.enabled) return expired(c);
    const code = codes.grant(id, login, user);
    return redirect(c, login.redirectUri, { code, state: login.state, iss: issuer });
  }

  const expired = (c: Context) => show(c, refusalPage("Sesi masuk kedaluwarsa", "Mulai lagi."), 400);

  function signIn(c: Context, login: string, error?: string) {
    remember(c, login);
    return show(
      c,
      signInPage({ title: realm.displayName, path, login, error }),
      error === undefined ? 200 : 401,
    );
  }

  function changePassword(c: Context, login: string, error?: string) {
    remember(c, login);
    return show(c, changePasswordPage({ title: realm.displayName, path, login, error }), 200);
  }

  function remember(c: Context, login: string): void {
    const secure = issuer.startsWith("https:");
    setCookie(c, COOKIE, login, { httpOnly: true, sameSite: "Lax", path, secure });
  }

  const path = new URL(issuer).pathname;
  return app;
}

const COOKIE = "AUTH_SESSION_ID";

function show(c: Context, page: ReturnType<typeof signInPage>, status: 200 | 400 | 401) {
  c.header("content-security-policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
  c.header("referrer-policy", "no-referrer");
  c.header("x-content-type-options", "nosniff");
  return c.html(page, status);
}

function redirect(c: Context, to: string, params: Record<string, string | undefined>): Response {
  const url = new URL(to);
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return c.redirect(url.href, 302);
}
