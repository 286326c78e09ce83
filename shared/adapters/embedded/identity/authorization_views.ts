import { html } from "hono/html";

export function signInPage({ title, path, login, error }: PageContent) {
  return html`<!doctype html>
<html lang="id">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Masuk</title>
<h1>${title}</h1>
<p>Penyedia identitas tertanam, hanya untuk pengembangan.</p>
${alert(error)}
<form method="post" action="${path}/login-actions/authenticate">
<input type="hidden" name="login" value="${login}">
<p><label>Nama pengguna <input name="username" autocomplete="username" required></label></p>
<p><label>Kata sandi <input type="password" name="password" autocomplete="current-password" required></label></p>
<button>Masuk</button>
</form>
</html>`;
}

export function changePasswordPage({ title, path, login, error }: PageContent) {
  return html`<!doctype html>
<html lang="id">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Ganti kata sandi</title>
<h1>${title}</h1>
<p>Ganti kata sandi sementara sebelum masuk.</p>
${alert(error)}
<form method="post" action="${path}/login-actions/required-action">
<input type="hidden" name="login" value="${login}">
<p><label>Kata sandi baru <input type="password" name="password-new" autocomplete="new-password" required></label></p>
<p><label>Ulangi <input type="password" name="password-confirm" autocomplete="new-password" required></label></p>
<button>Simpan</button>
</form>
</html>`;
}

export function refusalPage(title: string, text: string) {
  return html`
    <!doctype html>
    <html lang="id">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width">
      <title>${title}</title>
      <h1>${title}</h1>
      <p>${text}</p>
    </html>
  `;
}

const alert = (error: string | undefined) => error === undefined ? "" : html`<p role="alert">${error}</p>`;

interface PageContent {
  readonly title: string;
  /** Of the realm. */
  readonly path: string;
  /** Id of the login in progress. */
  readonly login: string;
  readonly error: string | undefined;
}
