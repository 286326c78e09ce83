import { before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { decodeJwt } from "jose";
import file from "../../../../ops/keycloak/gov-realm-realm.json" with { type: "json" };
import { DEVELOPMENT_SECRETS } from "./development_secrets.ts";
import { createEmbeddedIdentity, type EmbeddedIdentity } from "./identity.ts";

const REDIRECT = "http://127.0.0.1:8000/callback";
const VERIFIER = "v".repeat(43);
const CHALLENGE = createHash("sha256").update(VERIFIER).digest("base64url");
const QUERY = {
  client_id: "portal",
  redirect_uri: REDIRECT,
  response_type: "code",
  code_challenge_method: "S256",
  code_challenge: CHALLENGE,
  scope: "openid",
  state: "keadaan",
  nonce: "sekali",
};

describe("The login page", () => {
  let now: number;
  let provider: EmbeddedIdentity;

  before(async () => {
    now = Date.now();
    provider = await createEmbeddedIdentity({
      realm: file,
      baseUrl: "http://identitas.invalid",
      secret: (name) => DEVELOPMENT_SECRETS[name],
      now: () => now,
    });
  });

  it("logs a resident in and sends a code that gets tokens once", async () => {
    const code = await logIn();
    const answer = await redeem({ code });
    assert.equal(answer.status, 200);
    const { access_token, id_token } = await answer.json();
    assert.equal(decodeJwt(access_token).azp, "portal");
    assert.deepEqual(decodeJwt(access_token).realm_access, { roles: ["warga"] });
    assert.equal(decodeJwt(id_token).nonce, "sekali");
    await assertRefused(await redeem({ code }), "Code not valid");
  });

  it("sends state and issuer back with the code (RFC 9207)", async () => {
    const { searchParams } = await callback();
    assert.equal(searchParams.get("state"), "keadaan");
    assert.equal(searchParams.get("iss"), provider.issuer);
  });

  it("gives no tokens for a wrong verifier, and the code is spent", async () => {
    const code = await logIn();
    await assertRefused(await redeem({ code, code_verifier: "w".repeat(43) }), "PKCE verification failed");
    await assertRefused(await redeem({ code }), "Code not valid");
  });

  it("gives no tokens for a code that waited too long or goes elsewhere", async () => {
    const late = await logIn();
    now += 60_000;
    await assertRefused(await redeem({ code: late }), "Code not valid");
    const code = await logIn();
    await assertRefused(await redeem({ code, redirect_uri: "http://localhost:8000/callback" }), "Incorrect");
  });

  it("gives another client no tokens for the code", async () => {
    const client_secret = DEVELOPMENT_SECRETS.GOV_AUTH_SERVICE_SECRET ?? "";
    const stolen = await redeem({ code: await logIn(), client_id: "auth-service", client_secret });
    await assertRefused(stolen, "Code not valid");
  });

  it("shows an error instead of redirecting to an address that is not registered", async () => {
    for (const redirect_uri of ["https://lain.invalid/callback", `${REDIRECT}/x`, ""]) {
      const answer = await open({ redirect_uri });
      assert.equal(answer.status, 400);
      assert.equal(answer.headers.get("location"), null);
    }
    assert.equal((await open({ client_id: "auth-service" })).status, 400);
  });

  it("insists on PKCE with S256", async () => {
    const changes = [{ code_challenge_method: "plain" }, { code_challenge: "" }, {
      code_challenge: "pendek",
    }];
    for (const change of changes) {
      const answer = await open(change);
      assert.equal(answer.status, 302);
      const to = new URL(answer.headers.get("location") ?? "");
      assert.equal(to.searchParams.get("error"), "invalid_request");
    }
  });

  it("shows itself again after a wrong password", async () => {
    const { cookie, login } = await form();
    const answer = await submit({ login, username: "warga", password: "salah" }, cookie);
    assert.equal(answer.status, 401);
    assert.match(await answer.text(), /Nama pengguna atau kata sandi salah/);
  });

  it("takes the form only from the browser that it was shown to", async () => {
    const { login } = await form();
    const credentials = { username: "warga", password: "warga-rahasia" };
    assert.equal((await submit({ login, ...credentials }, "")).status, 400);
    const other = await form();
    assert.equal((await submit({ login, ...credentials }, other.cookie)).status, 400);
  });

  it("says at the fields what is wrong, and keeps the name as it was typed", async () => {
    const { cookie, login } = await form();
    const page = await (await submit({ login, username: '"><b>', password: "salah" }, cookie)).text();
    assert.match(page, /<title>Galat: Masuk/);
    assert.match(page, /role="alert" id="error"/);
    assert.equal(page.match(/aria-invalid="true" aria-describedby="error"/g)?.length, 2);
    assert.match(page, /value="&quot;&gt;&lt;b&gt;"/);
  });

  it("cannot be framed, loads nothing, and applies its own style alone", async () => {
    const answer = await open();
    const style = (await answer.text()).match(/<style>([\s\S]*?)<\/style>/)?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    assert.equal(
      answer.headers.get("content-security-policy"),
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self' http://127.0.0.1:8000; ` +
        "base-uri 'none'; frame-ancestors 'none'",
    );
  });

  it("has no form where nobody asked for one", async () => {
    const answer = await open({ redirect_uri: "https://lain.invalid/callback" });
    assert.match(answer.headers.get("content-security-policy") ?? "", /form-action 'none'/);
    assert.doesNotMatch(await answer.text(), /<form|<a |lain\.invalid/);
  });

  function open(changes: Partial<typeof QUERY> = {}) {
    const query = new URLSearchParams({ ...QUERY, ...changes });
    return provider.app.request(`/realms/gov-realm/protocol/openid-connect/auth?${query}`);
  }

  async function form() {
    const page = await open();
    assert.equal(page.status, 200);
    const cookie = page.headers.get("set-cookie")?.split(";")[0] ?? "";
    const login = (await page.text()).match(/name="login" value="([\w-]+)"/)?.[1] ?? "";
    return { cookie, login };
  }

  function submit(fields: Record<string, string>, cookie: string) {
    return provider.app.request("/realms/gov-realm/login-actions/authenticate", {
      method: "POST",
      headers: { cookie },
      body: new URLSearchParams(fields),
    });
  }

  async function callback(): Promise<URL> {
    const { cookie, login } = await form();
    const answer = await submit({ login, username: "warga", password: "warga-rahasia" }, cookie);
    assert.equal(answer.status, 302);
    return new URL(answer.headers.get("location") ?? "");
  }

  async function logIn(): Promise<string> {
    const to = await callback();
    assert.equal(`${to.origin}${to.pathname}`, REDIRECT);
    return to.searchParams.get("code") ?? "";
  }

  function redeem(changes: Record<string, string>) {
    return provider.app.request("/realms/gov-realm/protocol/openid-connect/token", {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "authorization_code",
        client_id: "portal",
        redirect_uri: REDIRECT,
        code_verifier: VERIFIER,
        ...changes,
      }),
    });
  }
});

async function assertRefused(answer: Response, description: string): Promise<void> {
  assert.equal(answer.status, 400);
  const { error, error_description } = await answer.json();
  assert.equal(error, "invalid_grant");
  assert(error_description.startsWith(description), error_description);
}
