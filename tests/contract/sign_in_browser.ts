import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import type { ServedRealm } from "./user_directory_realm.ts";

export const CALLBACK = "http://127.0.0.1:8000/callback";

/** A browser with cookies that signs in at the provider's own page for the client `portal`, whichever provider it is. */
export class Browser {
  readonly verifier = randomBytes(32).toString("base64url");
  readonly cookies = new Map<string, string>();

  constructor(readonly realm: ServedRealm) {}

  /** Asks for the sign-in page; undefined takes a parameter away. */
  open(changes: Readonly<Record<string, string | undefined>> = {}): Promise<Response> {
    const query = {
      client_id: "portal",
      redirect_uri: CALLBACK,
      response_type: "code",
      scope: "openid",
      state: "keadaan",
      nonce: "sekali",
      code_challenge_method: "S256",
      code_challenge: createHash("sha256").update(this.verifier).digest("base64url"),
      ...changes,
    };
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return this.visit(`${this.realm.issuer}/protocol/openid-connect/auth?${new URLSearchParams(given)}`);
  }

  async form(changes?: Readonly<Record<string, string | undefined>>): Promise<Form> {
    return readForm(await this.open(changes));
  }

  /** Fills the form in and sends it as a browser would. */
  submit({ action, hidden }: Form, fields: Readonly<Record<string, string>>): Promise<Response> {
    const body = new URLSearchParams({ ...hidden, ...fields });
    return this.visit(new URL(action, this.realm.url).href, { method: "POST", body });
  }

  /** Signs in and answers where the provider sends the browser to. */
  async signIn(username: string, password: string): Promise<URL> {
    const answer = await this.submit(await this.form(), { username, password });
    return await sentTo(answer);
  }

  async code(username: string, password: string): Promise<string> {
    const code = (await this.signIn(username, password)).searchParams.get("code");
    assert(code, "no code came back");
    return code;
  }

  redeem(code: string, changes: Readonly<Record<string, string>> = {}): Promise<Response> {
    const { "code_verifier": code_verifier = this.verifier, ...others } = changes;
    return fetch(`${this.realm.issuer}/protocol/openid-connect/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "authorization_code",
        client_id: "portal",
        redirect_uri: CALLBACK,
        code,
        ...(code_verifier !== "" && { code_verifier }),
        ...others,
      }),
    });
  }

  refresh(token: string): Promise<Response> {
    return this.#ask("token", { grant_type: "refresh_token", refresh_token: token });
  }

  /** As the page does: by a request, without a further page of the provider. */
  signOut(refreshToken: string): Promise<Response> {
    return this.#ask("logout", { refresh_token: refreshToken });
  }

  #ask(endpoint: string, form: Readonly<Record<string, string>>): Promise<Response> {
    const body = new URLSearchParams({ client_id: "portal", ...form });
    return fetch(`${this.realm.issuer}/protocol/openid-connect/${endpoint}`, { method: "POST", body });
  }

  async visit(url: string, init: RequestInit = {}): Promise<Response> {
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, { ...init, headers: { cookie }, redirect: "manual" });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = set.match(/^([^=]+)=([^;]*)/) ?? [];
      this.cookies.set(name, value);
    }
    return answer;
  }
}

/** The one form of a page, with the fields that nobody fills in. */
export async function readForm(answer: Response): Promise<Form> {
  const page = await answer.text();
  const form = page.match(/<form[^>]*\saction="([^"]*)"[^>]*>[\s\S]*?<\/form>/);
  assert(form, `Page ${answer.status} has no form`);
  const inputs = Array.from(form[0].matchAll(/<input[^>]*>/g), ([input]) => input);
  const hidden = inputs.filter((input) => /type="hidden"/.test(input)).map((input) =>
    [attribute(input, "name"), attribute(input, "value")] as const
  );
  return { action: unescapeHtml(form[1] ?? ""), hidden: Object.fromEntries(hidden), page };
}

/** Where a page leads that is no page but a redirect. */
export async function sentTo(answer: Response): Promise<URL> {
  await answer.body?.cancel();
  assert(answer.status >= 300 && answer.status < 400, `Was answered with ${answer.status}`);
  return new URL(answer.headers.get("location") ?? "");
}

export interface Form {
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
  readonly page: string;
}

function attribute(tag: string, name: string): string {
  return unescapeHtml(tag.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1] ?? "");
}

function unescapeHtml(text: string): string {
  return text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll(
    "&gt;",
    ">",
  )
    .replaceAll("&amp;", "&");
}
