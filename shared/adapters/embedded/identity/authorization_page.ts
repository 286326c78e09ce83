import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { Codes, Login } from "./authorization.ts";
import { type Form, readForm } from "./oauth.ts";
import { changePasswordPage, contentPolicy, refusalPage, signInPage } from "./authorization_views.ts";
import { hashPassword } from "./password_hash.ts";
import { type BrokenRule, brokenRule } from "./password_policy.ts";
import type { Provider } from "./provider.ts";
import type { User } from "./realm.ts";

/** Authorization code with PKCE (RFC 6749, 4.1; RFC 7636): the login page and the redirect that carries the code. */
export function authorizationPage(provider: Provider, codes: Codes): Hono {
  const { realm, issuer, passwords, users, sessions: { browsers } } = provider;
  const app = new Hono();

  app.get("/protocol/openid-connect/auth", (c) => {
    const query = c.req.query();
    const client = realm.clients.get(query.client_id ?? "");
    const redirectUri = query.redirect_uri ?? "";
    const twice = Object.values(c.req.queries()).some((values) => values.length > 1);
    if (twice || client?.kind !== "public" || !client.redirectUris.includes(redirectUri)) {
      // Never redirect to an address that is not registered: it would carry the error to anybody.
      return refuse(c, "Permintaan tidak sah", "Alamat tujuan atau aplikasi yang meminta tidak dikenal.");
    }
    const back = (error: string, description: string) =>
      redirect(c, redirectUri, { error, error_description: description, state: query.state, iss: issuer });
    if (query.response_type !== "code") return back("unsupported_response_type", "Only code is supported");
    if (query.code_challenge_method !== "S256" || !/^[\w-]{43}$/.test(query.code_challenge ?? "")) {
      return back("invalid_request", "Missing parameter: code_challenge_method");
    }
    const login = {
      client,
      redirectUri,
      state: query.state,
      nonce: query.nonce,
      challenge: query.code_challenge ?? "",
      openid: (query.scope ?? "").split(" ").includes("openid"),
    };
    const browser = getCookie(c, SIGNED_IN) ?? "";
    const user = users.byId(browsers.userIn(browser) ?? "");
    if (user?.enabled && !user.mustChangePassword && query.prompt !== "login") {
      return sendCode(c, "", { ...login, browser }, user);
    }
    return signIn(c, { id: codes.begin(login), login });
  });

  app.post("/login-actions/authenticate", async (c) => {
    const form = await readForm(c);
    const { id, login } = ownLogin(c, form);
    if (!login) return expired(c);
    const username = form.get("username") ?? "";
    const verdict = await passwords.check(username, form.get("password") ?? "");
    if (verdict.kind !== "right") return signIn(c, { id, login, error: WRONG, username });
    if (!verdict.user.mustChangePassword) return grant(c, id, login, verdict.user.id);
    codes.drop(id);
    const changing = { ...login, changing: verdict.user.id };
    return changePassword(c, { id: codes.begin(changing), login: changing });
  });

  app.post("/login-actions/required-action", async (c) => {
    const form = await readForm(c);
    const { id, login } = ownLogin(c, form);
    const user = users.byId(login?.changing ?? "");
    if (!login || !user?.enabled) return expired(c);
    const password = form.get("password-new") ?? "";
    if (password !== form.get("password-confirm")) {
      return changePassword(c, {
        id,
        login,
        error: "Kedua kata sandi tidak sama. Ketik keduanya sekali lagi.",
      });
    }
    const broken = brokenRule(realm.passwordPolicy, user.username, password);
    if (broken) return changePassword(c, { id, login, error: BROKEN[broken] });
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
    browsers.forget(getCookie(c, SIGNED_IN) ?? "");
    const browser = browsers.remember(user.id);
    keep(c, SIGNED_IN, browser);
    return sendCode(c, id, { ...login, browser }, user);
  }

  function sendCode(c: Context, id: string, login: Login, user: User) {
    const code = codes.grant(id, login, user);
    return redirect(c, login.redirectUri, { code, state: login.state, iss: issuer });
  }

  const expired = (c: Context) =>
    refuse(
      c,
      "Sesi masuk kedaluwarsa",
      "Halaman masuk terbuka terlalu lama atau sudah dipakai. Kembali ke layanan dan tekan Masuk lagi.",
    );

  function refuse(c: Context, heading: string, text: string) {
    return show(c, { page: refusalPage({ title: realm.displayName, heading, text }), status: 400 });
  }

  function signIn(c: Context, { id, login, error, username }: Step & { username?: string }) {
    keep(c, COOKIE, id);
    const page = signInPage({
      title: realm.displayName,
      path,
      login: id,
      error,
      ...(username !== undefined && { username }),
    });
    return show(c, { page, status: error === undefined ? 200 : 401, redirectUri: login.redirectUri });
  }

  function changePassword(c: Context, { id, login, error }: Step) {
    keep(c, COOKIE, id);
    const rule = `Paling sedikit ${realm.passwordPolicy.length} karakter, dan bukan nama pengguna`;
    const page = changePasswordPage({ title: realm.displayName, path, login: id, error, rule });
    return show(c, { page, status: 200, redirectUri: login.redirectUri });
  }

  /** Until the browser is closed. */
  function keep(c: Context, name: string, value: string): void {
    const secure = issuer.startsWith("https:");
    setCookie(c, name, value, { httpOnly: true, sameSite: "Lax", path, secure });
  }

  const path = new URL(issuer).pathname;
  return app;
}

/** Both as at Keycloak: of a login in progress, and of one that was right. */
const COOKIE = "AUTH_SESSION_ID";
const SIGNED_IN = "KEYCLOAK_IDENTITY";

/** The same for whoever is unknown, locked out or disabled, so that it tells nobody which. */
const WRONG =
  "Nama pengguna atau kata sandi salah. Periksa huruf besar dan kecil. Setelah beberapa kali salah, tunggu sebentar.";

const BROKEN = {
  invalidPasswordMinLengthMessage: "Kata sandi baru terlalu pendek.",
  invalidPasswordNotUsernameMessage: "Kata sandi baru sama dengan nama pengguna. Pilih yang lain.",
} satisfies Record<BrokenRule, string>;

/** A page of a login in progress. */
interface Step {
  readonly id: string;
  readonly login: Login;
  readonly error?: string;
}

function show(c: Context, { page, status, redirectUri }: Shown) {
  c.header("content-security-policy", contentPolicy(redirectUri));
  c.header("referrer-policy", "no-referrer");
  c.header("x-content-type-options", "nosniff");
  return c.html(page, status);
}

interface Shown {
  readonly page: ReturnType<typeof signInPage>;
  readonly status: 200 | 400 | 401;
  /** Whither its form leads in the end; without it there is no form. */
  readonly redirectUri?: string;
}

function redirect(c: Context, to: string, params: Record<string, string | undefined>): Response {
  const url = new URL(to);
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return c.redirect(url.href, 302);
}
