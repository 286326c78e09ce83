import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeJwt } from "jose";
import { openUserDirectory } from "../../shared/adapters/keycloak/user_directory.ts";
import type { NewPassword, UserDirectory } from "../../shared/ports/user_directory.ts";
import { PENDUDUK } from "../fixtures.ts";
import { RealmClient } from "./identity_client.ts";
import { Browser, CALLBACK, readForm, sentTo } from "./sign_in_browser.ts";
import { username } from "./user_directory_contract.ts";
import type { DirectoryUnderTest, ServedRealm } from "./user_directory_realm.ts";

/** The provider's own page, for the client `portal`: authorization code with PKCE (RFC 6749, 4.1; RFC 7636). */
export function signInContract(name: string, under: DirectoryUnderTest): void {
  describe(`Sign-in page contract on ${name}`, () => {
    const signal = AbortSignal.timeout(120_000);
    let realm: ServedRealm;
    let client: RealmClient;
    let directory: UserDirectory;
    before(async () => {
      realm = await under.open();
      client = new RealmClient(realm, undefined);
      directory = openUserDirectory({ ...realm, client: client.clientOf("auth-admin") });
    });
    after(() => realm.close());

    it("signs a resident in: state and issuer come back, and the code gets tokens with the nonce", async () => {
      const browser = new Browser(realm);
      const to = await browser.signIn("warga", client.credentials("warga").password);
      assert.equal(`${to.origin}${to.pathname}`, CALLBACK);
      assert.equal(to.searchParams.get("state"), "keadaan");
      assert.equal(to.searchParams.get("iss"), realm.issuer);
      const answer = await browser.redeem(to.searchParams.get("code") ?? "");
      assert.equal(answer.status, 200);
      const { access_token, id_token, expires_in } = await answer.json();
      assert(expires_in <= 300);
      assert.equal(decodeJwt(access_token).azp, "portal");
      assert.deepEqual(decodeJwt(access_token).realm_access, { roles: ["warga"] });
      assert.equal(decodeJwt(id_token).nonce, "sekali");
      assert.equal(decodeJwt(id_token).aud, "portal");
    });

    it("refreshes the page's tokens once, and ends the session at the second use", async () => {
      const browser = new Browser(realm);
      const answer = await browser.redeem(await browser.code("warga", client.credentials("warga").password));
      const { refresh_token } = await answer.json();
      const first = await browser.refresh(refresh_token);
      assert.equal(first.status, 200);
      const second = await first.json();
      await refused(await browser.refresh(refresh_token));
      await refused(await browser.refresh(second.refresh_token));
    });

    it("asks for no password in a browser that is signed in, in another tab or after a reload", async () => {
      const { browser } = await signedIn();
      const to = await sentTo(await browser.open({ state: "lagi", nonce: "dua" }));
      assert.equal(`${to.origin}${to.pathname}`, CALLBACK);
      assert.equal(to.searchParams.get("state"), "lagi");
      const { id_token, access_token } = await (await browser.redeem(codeIn(to))).json();
      assert.equal(decodeJwt(id_token).nonce, "dua");
      assert.deepEqual(decodeJwt(access_token).realm_access, { roles: ["warga"] });
    });

    it("asks for it again where the page wants it asked, and in another browser", async () => {
      const { browser } = await signedIn();
      await readForm(await browser.open({ prompt: "login" }));
      await new Browser(realm).form();
    });

    it("asks for it again after the sign-out, which ends what the other tabs opened or were about to", async () => {
      const { browser, tokens } = await signedIn();
      const other = await (await browser.redeem(codeIn(await sentTo(await browser.open())))).json();
      const unused = codeIn(await sentTo(await browser.open()));
      assert.equal((await browser.signOut(tokens.refresh_token)).status, 204);
      await browser.form();
      await refused(await browser.refresh(other.refresh_token));
      await refused(await browser.redeem(unused));
    });

    it("asks for it again when the sessions of the person were ended", async () => {
      const name = await create({ value: "kata-sandi-tetap", mustChange: false });
      const { browser } = await signedIn({ username: name, password: "kata-sandi-tetap" });
      const user = await directory.find(name) ?? assert.fail("the user was just made");
      await directory.endSessions(user.id);
      await browser.form();
    });

    async function signedIn(credentials: Credentials = client.credentials("warga")) {
      const { username, password } = credentials;
      const browser = new Browser(realm);
      const answer = await browser.redeem(await browser.code(username, password));
      assert.equal(answer.status, 200);
      return { browser, tokens: await answer.json() };
    }

    it("asks for another password when it must be changed, and the new one is good everywhere", async () => {
      const name = await create({ value: "kata-sandi-sementara", mustChange: true });
      const browser = new Browser(realm);
      const asked = await follow(
        browser,
        await browser.submit(await browser.form(), { username: name, password: "kata-sandi-sementara" }),
      );
      const form = await readForm(asked);
      const short = await browser.submit(form, { "password-new": "pendek", "password-confirm": "pendek" });
      const again = await readForm(short);
      const fresh = { "password-new": "kata-sandi-tetap", "password-confirm": "kata-sandi-tetap" };
      const done = await sentTo(await browser.submit(again, fresh));
      assert.equal((await browser.redeem(done.searchParams.get("code") ?? "")).status, 200);
      const grant = (password: string) => client.open().passwordGrant({ username: name, password }, signal);
      assert.equal((await grant("kata-sandi-tetap")).kind, "granted");
      assert.equal((await grant("kata-sandi-sementara")).kind, "rejected");
    });

    /** Keycloak redirects to the page of the required action, the embedded provider shows it at once. */
    async function follow(browser: Browser, answer: Response): Promise<Response> {
      return answer.status === 302 ? await browser.visit((await sentTo(answer)).href) : answer;
    }

    async function create(password: NewPassword) {
      const name = username(`uji-halaman-${crypto.randomUUID().slice(0, 4)}`);
      const created = await directory.create({
        username: name,
        nama: PENDUDUK[0].nama,
        email: undefined,
        roles: new Set(["warga"]),
        provinsi: undefined,
        password,
      });
      assert.equal(created.kind, "created");
      return name;
    }
  });
}

interface Credentials {
  readonly username: string;
  readonly password: string;
}

function codeIn(to: URL): string {
  return to.searchParams.get("code") ?? assert.fail("no code came back");
}

async function refused(answer: Response): Promise<void> {
  assert.equal(answer.status, 400);
  assert.equal((await answer.json()).error, "invalid_grant");
}
