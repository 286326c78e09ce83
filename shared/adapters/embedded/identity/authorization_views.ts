import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import style from "./authorization_views.css" with { type: "text" };

export function signInPage({ title, path, login, error, username = "" }: SignIn) {
  return page({
    title,
    heading: "Masuk",
    error,
    content: html`
      <form method="post" action="${path}/login-actions/authenticate">
        <input type="hidden" name="login" value="${login}">
        <div class="field">
          <label for="username">Nama pengguna</label>
          <input id="username" name="username" value="${username}" autocomplete="username" autocapitalize="none"
            spellcheck="false" required${marked(error)}>
        </div>
        <div class="field">
          <label for="password">Kata sandi</label>
          <input id="password" type="password" name="password" autocomplete="current-password"
            required${marked(error)}${error === undefined ? "" : raw(" autofocus")}>
        </div>
        <button>Masuk</button>
      </form>
    `,
  });
}

export function changePasswordPage({ title, path, login, error, rule }: ChangePassword) {
  return page({
    title,
    heading: "Ganti kata sandi",
    error,
    content: html`
      <p>Kata sandi Anda sementara. Pilih yang baru sebelum masuk.</p>
      <form method="post" action="${path}/login-actions/required-action">
        <input type="hidden" name="login" value="${login}">
        <div class="field">
          <label for="password-new">Kata sandi baru</label>
          <p class="muted" id="rule">${rule}</p>
          <input id="password-new" type="password" name="password-new" autocomplete="new-password"
            required${marked(error, "rule")}${error === undefined ? "" : raw(" autofocus")}>
        </div>
        <div class="field">
          <label for="password-confirm">Ulangi kata sandi baru</label>
          <input id="password-confirm" type="password" name="password-confirm" autocomplete="new-password"
            required${marked(error)}>
        </div>
        <button>Simpan dan masuk</button>
      </form>
    `,
  });
}

/** A page that leads nowhere, since whoever is here may have been sent by a stranger. */
export function refusalPage({ title, heading, text }: Refusal) {
  return page({ title, heading, error: undefined, content: html`<p role="alert">${text}</p>` });
}

/** What a page loads and where its form may lead: to us, and from here to `redirectUri`, which has the code. */
export function contentPolicy(redirectUri: string | undefined): string {
  return [
    "default-src 'none'",
    `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
    redirectUri === undefined ? "form-action 'none'" : `form-action 'self' ${new URL(redirectUri).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function page({ title, heading, error, content }: Page) {
  return html`
    <!doctype html>
    <html lang="id">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${error === undefined ? "" : "Galat: "}${heading} – ${title}</title>
        <style>${raw(style)}</style>
      </head>
      <body>
        <header class="brand">
    <svg viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="11" r="6"/><path d="M4 28c1-7 6-10 12-10s11 3 12 10z"/></svg>
    ${title}
        </header>
        <main>
    <h1>${heading}</h1>
    ${error === undefined ? "" : html`<p class="wrong" role="alert" id="error">${error}</p>`}
    ${content}
        </main>
        <footer class="muted">Penyedia identitas tertanam, hanya untuk pengembangan.</footer>
      </body>
    </html>
  `;
}

/** Tells at the field itself what is wrong with it, and what it should be. */
function marked(error: string | undefined, hint?: string) {
  const said = [error === undefined ? [] : ["error"], hint ?? []].flat().join(" ");
  if (said === "") return "";
  return raw(`${error === undefined ? "" : ' aria-invalid="true"'} aria-describedby="${said}"`);
}

interface Form {
  /** Of the realm. */
  readonly title: string;
  readonly path: string;
  /** Id of the login in progress. */
  readonly login: string;
  readonly error: string | undefined;
}

interface SignIn extends Form {
  /** As it was typed before. */
  readonly username?: string;
}

interface ChangePassword extends Form {
  /** What a good password is. */
  readonly rule: string;
}

interface Refusal {
  readonly title: string;
  readonly heading: string;
  readonly text: string;
}

interface Page {
  readonly title: string;
  readonly heading: string;
  readonly error: string | undefined;
  readonly content: ReturnType<typeof html>;
}
