import { it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Browser, CALLBACK, readForm, sentTo } from "../../contract/sign_in_browser.ts";
import { PASSWORD, refused, type UnderAttack } from "./under_attack.ts";

/** Attacks on the provider's sign-in page and its codes, whichever provider it is. */
export function attacksOnSignInPage(open: () => UnderAttack): void {
  it("a code that comes a second time is refused, and what it opened ends", async () => {
    const { browser, code } = await signedIn();
    const first = await browser.redeem(code);
    assert.equal(first.status, 200);
    const { refresh_token } = await first.json();
    await refused(await browser.redeem(code), 400);
    await refused(await asPage({ grant_type: "refresh_token", refresh_token }), 400);
  });

  const withChanges: readonly [string, Readonly<Record<string, string>>][] = [
    ["with another verifier", { code_verifier: "w".repeat(43) }],
    ["without a verifier", { code_verifier: "" }],
    ["with the challenge for a verifier", { code_verifier: "challenge" }],
    ["for another redirect address", { redirect_uri: "http://localhost:8000/callback" }],
    ["for no redirect address", { redirect_uri: "" }],
    ["cut short", { code: "potongan" }],
  ];
  for (const [what, changes] of withChanges) {
    it(`a code ${what} is refused, and spent`, async () => {
      const { browser, code, challenge } = await signedIn();
      const verifier = changes.code_verifier === "challenge" ? { code_verifier: challenge } : {};
      await refused(await browser.redeem(code, { ...changes, ...verifier }), 400);
      if (changes.code === undefined) await refused(await browser.redeem(code), 400);
    });
  }

  it("a stolen code at another client is refused", async () => {
    const { browser, code } = await signedIn();
    const form = {
      grant_type: "authorization_code",
      code,
      redirect_uri: CALLBACK,
      code_verifier: browser.verifier,
    };
    await refused(await open().token(form), 400);
    await refused(await open().token(form, "simulasi"), 400);
  });

  it("a code of a user who was disabled before it was used is refused", async () => {
    const { browser, code, id } = await signedIn();
    assert.equal(
      (await open().admin(await open().adminToken(), "PUT", `/users/${id}`, { enabled: false })).status,
      204,
    );
    await refused(await browser.redeem(code), 400);
  });

  const weakened: readonly [string, Readonly<Record<string, string | undefined>>][] = [
    ["plain PKCE", { code_challenge_method: "plain" }],
    ["PKCE without a method", { code_challenge_method: undefined }],
    ["no PKCE", { code_challenge_method: undefined, code_challenge: undefined }],
    ["an empty challenge", { code_challenge: "" }],
    ["a short challenge", { code_challenge: "pendek" }],
    ["the implicit flow", { response_type: "token" }],
    ["an ID token without a code", { response_type: "id_token" }],
    ["a hybrid flow", { response_type: "code token" }],
    ["no response type", { response_type: undefined }],
  ];
  for (const [what, changes] of weakened) {
    it(`asking the page for ${what} is refused`, async () => {
      const answer = await new Browser(open().realm).open(changes);
      if (answer.status === 400) return await answer.body?.cancel();
      const to = await sentTo(answer);
      assert.equal(`${to.origin}${to.pathname}`, CALLBACK);
      const told = new URLSearchParams(to.search || to.hash.slice(1));
      assert.match(
        told.get("error") ?? "",
        /^(invalid_request|unsupported_response_type|unauthorized_client)$/,
      );
      assert.equal(told.get("code") ?? told.get("access_token"), null);
    });
  }

  const elsewhere = [
    "https://lain.invalid/callback",
    "//lain.invalid/callback",
    "http://127.0.0.1:8000.lain.invalid/callback",
    "http://127.0.0.1:8000@lain.invalid/callback",
    "http://127.0.0.1:8000\\@lain.invalid/callback",
    "http://127.0.0.1:8001/callback",
    "https://127.0.0.1:8000/callback",
    `${CALLBACK}/x`,
    `${CALLBACK}/../x`,
    `${CALLBACK}/%2e%2e/x`,
    `${CALLBACK}?lanjut=https://lain.invalid`,
    `${CALLBACK}#x`,
    `${CALLBACK}%0d%0aLocation:%20https://lain.invalid`,
    "javascript:alert(1)",
    "data:text/html,x",
    "/callback",
    "*",
    "",
  ];
  for (const redirect_uri of elsewhere) {
    it(`a redirect to ${JSON.stringify(redirect_uri)} is refused`, async () => {
      const answer = await new Browser(open().realm).open({ redirect_uri });
      assert.equal(answer.status, 400);
      assert.equal(answer.headers.get("location"), null);
      assert.doesNotMatch(await answer.text(), /href="(https?:)?\/\/lain\.invalid|href="javascript:/);
    });
  }

  it("two redirect addresses in one request are refused", async () => {
    const browser = new Browser(open().realm);
    const asked = new URL((await browser.open()).url);
    asked.searchParams.append("redirect_uri", "https://lain.invalid/callback");
    const answer = await browser.visit(asked.href);
    await answer.body?.cancel();
    const location = answer.headers.get("location");
    assert(location === null || !location.startsWith("https://lain.invalid"));
    assert(answer.status === 400 || new URL(location ?? "").searchParams.has("error"));
  });

  for (const client_id of ["auth-service", "gateway", "auth-admin", "tidak-ada", ""]) {
    it(`the page in the name of the client ${JSON.stringify(client_id)} is refused`, async () => {
      const answer = await new Browser(open().realm).open({ client_id });
      await answer.body?.cancel();
      assert(answer.status >= 400 && answer.status < 500);
      assert.equal(answer.headers.get("location"), null);
    });
  }

  it("the form sent without its browser's cookies (login CSRF) is refused", async () => {
    const { username } = await open().victim();
    const form = await new Browser(open().realm).form();
    await noCode(await new Browser(open().realm).submit(form, { username, password: PASSWORD }));
  });

  it("the form of the attacker in the browser of the victim is refused", async () => {
    const { username } = await open().victim();
    const attackers = await new Browser(open().realm).form();
    const victim = new Browser(open().realm);
    await victim.form();
    await noCode(await victim.submit(attackers, { username, password: PASSWORD }));
  });

  it("the form sent again after it signed in is refused", async () => {
    const { username } = await open().victim();
    const browser = new Browser(open().realm);
    const form = await browser.form();
    await sentTo(await browser.submit(form, { username, password: PASSWORD }));
    const stale = new Browser(open().realm);
    await noCode(await stale.submit(form, { username, password: PASSWORD }));
  });

  it("the right password on the page after a row of wrong ones is refused", async () => {
    const { username } = await open().victim();
    for (let i = 0; i < 10; i++) {
      const browser = new Browser(open().realm);
      await noCode(await browser.submit(await browser.form(), { username, password: `salah-${i}` }));
    }
    const browser = new Browser(open().realm);
    await noCode(await browser.submit(await browser.form(), { username, password: PASSWORD }));
  });

  it("learning from the page which user names exist is refused", async () => {
    const { username } = await open().victim();
    const pages = await Promise.all([username, "tidak-ada-orangnya"].map(async (username) => {
      const browser = new Browser(open().realm);
      const answer = await browser.submit(await browser.form(), { username, password: "salah-sandinya" });
      const page = await answer.text();
      // What is shown, and in which marks; ids of this very attempt stand in attributes and scripts.
      const marks = page.replaceAll(/<script[\s\S]*?<\/script>/gi, "").replaceAll(/<(\/?\w+)[^>]*>/g, "<$1>");
      return `${answer.status} ${marks}`;
    }));
    assert.equal(pages[0], pages[1]);
  });

  for (
    const username of [
      '"><script>alert(1)</script>',
      "<img src=x onerror=alert(1)>",
      "{{7331*7919}}${7331*7919}",
    ]
  ) {
    it(`the user name ${username} coming back as markup is refused`, async () => {
      const browser = new Browser(open().realm);
      const answer = await browser.submit(await browser.form(), { username, password: "salah" });
      const page = await answer.text();
      assert(
        !page.includes("<script>alert(1)") && !page.includes("<img src=x") && !page.includes("58054189"),
      );
    });
  }

  it("a header slipped in by the state is refused", async () => {
    const { username } = await open().victim();
    const browser = new Browser(open().realm);
    const form = await browser.form({ state: "x\r\nSet-Cookie: diselipkan=1" });
    const answer = await browser.submit(form, { username, password: PASSWORD });
    await answer.body?.cancel();
    assert.doesNotMatch(answer.headers.get("location") ?? "", /[\r\n]/);
    assert.equal(browser.cookies.has("diselipkan"), false);
  });

  it("framing the page is refused", async () => {
    const answer = await new Browser(open().realm).open();
    await answer.body?.cancel();
    const policy = answer.headers.get("content-security-policy") ?? "";
    assert.match(policy, /frame-ancestors '(none|self)'/);
  });

  it("keeping the page in a cache, or telling its address to others, is refused", async () => {
    const answer = await new Browser(open().realm).open();
    await answer.body?.cancel();
    assert.match(answer.headers.get("cache-control") ?? "", /no-store/);
    assert.match(answer.headers.get("referrer-policy") ?? "", /^no-referrer$|^same-origin$/);
  });

  it("reading the cookies of the page by a script is refused", async () => {
    const answer = await new Browser(open().realm).open();
    await answer.body?.cancel();
    const session = answer.headers.getSetCookie().filter((cookie) => cookie.startsWith("AUTH_SESSION_ID="));
    assert.equal(session.length, 1);
    assert.match(session[0] ?? "", /;\s*HttpOnly/i);
  });

  it("coming back without a password by the cookies of a browser that signed out is refused", async () => {
    const { browser, code } = await signedIn();
    const stolen = new Map(browser.cookies);
    const { refresh_token } = await (await browser.redeem(code)).json();
    assert.equal((await browser.signOut(refresh_token)).status, 204);
    for (const [name, value] of stolen) browser.cookies.set(name, value);
    await noCode(await browser.open());
  });

  it("coming back without a password by cookies that were made up is refused", async () => {
    const { browser } = await signedIn();
    const attacker = new Browser(open().realm);
    for (const [name, value] of browser.cookies) {
      const at = Math.floor(value.length / 2);
      const other = value[at] === "A" ? "B" : "A";
      attacker.cookies.set(name, value.slice(0, at) + other + value.slice(at + 1));
    }
    await noCode(await attacker.open());
  });

  it("planting a cookie before the sign-in, to come back by it afterwards, is refused", async () => {
    const { username } = await open().victim();
    const victim = new Browser(open().realm);
    const planted = (await signedIn()).browser.cookies.get("KEYCLOAK_IDENTITY") ?? "";
    assert(planted !== "");
    const form = await victim.form();
    victim.cookies.set("KEYCLOAK_IDENTITY", planted);
    await sentTo(await victim.submit(form, { username, password: PASSWORD }));
    assert.notEqual(victim.cookies.get("KEYCLOAK_IDENTITY"), planted);
  });

  it("reading the cookie of a browser that is signed in by a script is refused", async () => {
    const { username } = await open().victim();
    const browser = new Browser(open().realm);
    const answer = await browser.submit(await browser.form(), { username, password: PASSWORD });
    await answer.body?.cancel();
    const [cookie = ""] = answer.headers.getSetCookie().filter((set) => set.startsWith("KEYCLOAK_IDENTITY="));
    assert.match(cookie, /;\s*HttpOnly/i);
  });

  it("a password against the policy, where one must be changed, is refused", async () => {
    const { username } = await open().victim({ password: { value: PASSWORD, mustChange: true } });
    const browser = new Browser(open().realm);
    let form = await changeForm(browser, username);
    for (const password of ["sebelas-kar", username]) {
      const fields = { "password-new": password, "password-confirm": password };
      const answer = await browser.submit(form, fields);
      assert.equal(answer.headers.get("location")?.includes("code=") ?? false, false);
      form = await readForm(answer);
    }
    const different = { "password-new": "kata-sandi-yang-satu", "password-confirm": "kata-sandi-yang-lain" };
    await noCode(await browser.submit(form, different));
  });

  it("changing somebody's password by the form of another browser is refused", async () => {
    const { username } = await open().victim({ password: { value: PASSWORD, mustChange: true } });
    const form = await changeForm(new Browser(open().realm), username);
    const attacker = new Browser(open().realm);
    await attacker.form();
    const fields = { "password-new": "kata-sandi-penyerang", "password-confirm": "kata-sandi-penyerang" };
    await noCode(await attacker.submit(form, fields));
    await refused(await open().signIn(username, "kata-sandi-penyerang"), 400);
  });

  async function signedIn() {
    const { id, username } = await open().victim();
    const browser = new Browser(open().realm);
    const form = await browser.form();
    const to = await sentTo(await browser.submit(form, { username, password: PASSWORD }));
    return { browser, id, code: to.searchParams.get("code") ?? "", challenge: await s256(browser.verifier) };
  }

  async function changeForm(browser: Browser, username: string) {
    const answer = await browser.submit(await browser.form(), { username, password: PASSWORD });
    // Keycloak redirects to the page of the required action, the embedded provider shows it at once.
    const page = answer.status === 302 ? await browser.visit((await sentTo(answer)).href) : answer;
    return await readForm(page);
  }

  function asPage(form: Readonly<Record<string, string>>): Promise<Response> {
    return fetch(`${open().realm.issuer}/protocol/openid-connect/token`, {
      method: "POST",
      body: new URLSearchParams({ client_id: "portal", ...form }),
    });
  }
}

async function noCode(answer: Response): Promise<void> {
  await answer.body?.cancel();
  const to = answer.headers.get("location") ?? "";
  assert(!/[?&#]code=/.test(to), "a code was given");
}

async function s256(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return Buffer.from(digest).toString("base64url");
}
