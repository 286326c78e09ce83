import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { withPortalAt } from "../../ops/keycloak/portal_client.ts";
import { launch, open, signIn, visit } from "../browser/browser.ts";
import { fill, submit } from "../browser/form.ts";
import { startSystem, type TestSystem } from "../browser/system.ts";
import type { ServedRealm } from "../contract/user_directory_realm.ts";
import { freePort } from "../e2e/process.ts";
import { PENDUDUK } from "../fixtures.ts";
import { KeycloakAdmin } from "./keycloak_admin.ts";
import { type Front, openFront } from "./keycloak_front.ts";
import { ownRealm } from "./keycloak_realm.ts";

const [ujang] = PENDUDUK;

describe("the page with Keycloak, which browsers reach at its public address and the fleet inside", () => {
  const admin = new KeycloakAdmin();
  let front: Front;
  let realm: ServedRealm;
  let system: TestSystem;
  let browser: Browser;
  before(async () => {
    front = openFront(admin.url);
    const port = await freePort();
    realm = await ownRealm(admin, (file) => ({
      ...withPortalAt(file, `http://127.0.0.1:${port}`),
      // As KC_HOSTNAME does for all realms.
      attributes: { frontendUrl: front.url },
      // The page renews its tokens half a minute before their end: at whatever comes a second later.
      accessTokenLifespan: 31,
    }));
    front.serve(realm.realm);
    system = await startSystem({ port, env: { ...EMBEDDED, ...atKeycloak() } });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await system?.stop();
    await realm?.close();
    await front?.close();
  });

  it("lets an officer sign in by Keycloak's own form, in Indonesian, register and sign out", async () => {
    const { page, context, faults } = await visit(browser, system.edge);
    await page.getByRole("button", { name: "Masuk" }).click();
    await page.getByRole("textbox", { name: "Kata sandi" }).waitFor();
    assert.equal(new URL(page.url()).origin, front.url);
    assert.equal(await page.evaluate<string>("document.documentElement.lang"), "id");
    await page.screenshot({ path: ".artifacts/browser/keycloak-sign-in.png" });
    await page.goto("/");
    await signIn(page, "petugas");
    await fill(page, ujang);
    await submit(page);
    await page.getByText("Pendaftaran berhasil").waitFor();
    assert.deepEqual(faults, []);
    await page.getByRole("button", { name: "Keluar" }).click();
    await page.getByRole("button", { name: "Masuk" }).click();
    await page.getByRole("textbox", { name: "Kata sandi" }).waitFor();
    await context.close();
  });

  it("shows an admin the statistics, and comes back from a reload without another password", async () => {
    const { page, context, faults } = await visit(browser, system.edge, { as: "admin", path: "#/statistik" });
    await page.locator(".stream-live").waitFor();
    await page.reload();
    await page.locator(".stream-live").waitFor();
    assert.deepEqual(faults, []);
    await context.close();
  });

  it("renews its tokens by itself, and says when the session was ended at Keycloak, with what was typed kept", async () => {
    const { page, context } = await visit(browser, system.edge, { as: "petugas-jabar", path: "#/daftar" });
    const renewal = page.waitForResponse((answer) => isRenewal(answer.request().postData()));
    await page.waitForTimeout(1_500);
    await look(page);
    assert.equal((await renewal).status(), 200);
    await page.getByRole("alert").getByText("Tidak ditemukan").waitFor();

    await open(page, "#/daftar");
    await page.getByLabel("Nama lengkap").fill(ujang.nama);
    await endSessions("petugas-jabar");
    await page.waitForTimeout(1_500);
    await look(page);
    await page.getByText("Sesi Anda berakhir").waitFor();
    await signIn(page, "petugas-jabar");
    await open(page, "#/daftar");
    assert.equal(await page.getByLabel("Nama lengkap").inputValue(), ujang.nama);
    await context.close();
  });

  it("needs no path of Keycloak that deploy.yml does not open", () => {
    assert.deepEqual(front.refused, []);
  });

  it("takes the tokens of /login as well, which are asked for inside and name the issuer outside", async () => {
    const credentials = { username: "admin", password: "admin-rahasia" };
    const login = await fetch(`${system.edge}/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(credentials),
    });
    const { access_token } = await login.json();
    const [, claims = ""] = String(access_token).split(".");
    assert.equal(JSON.parse(atob(claims)).iss, `${front.url}/realms/${realm.realm}`);
    const headers = { authorization: `Bearer ${access_token}` };
    const answer = await fetch(`${system.edge}/stats/32`, { headers });
    await answer.body?.cancel();
    assert.equal(answer.status, 200);
  });

  function atKeycloak(): Readonly<Record<string, string>> {
    return {
      KEYCLOAK_URL: admin.url,
      KEYCLOAK_REALM: realm.realm,
      KEYCLOAK_ISSUER: `${front.url}/realms/${realm.realm}`,
      ...Object.fromEntries(CLIENT_SECRETS.map((name) => [name, realm.secret(name)])),
    };
  }

  async function endSessions(username: string): Promise<void> {
    const { json } = await admin.ask(`/${realm.realm}/users?exact=true&username=${username}`);
    assert.ok(Array.isArray(json));
    await admin.ask(`/${realm.realm}/users/${json[0].id}/logout`, { method: "POST" });
  }
});

/** Asks the service for something, for which the page needs a token. */
async function look(page: Page): Promise<void> {
  await open(page, "#/pendaftaran/01a204bf-6d31-7403-9d86-821ff838d981");
}

function isRenewal(body: string | null): boolean {
  return new URLSearchParams(body ?? "").get("grant_type") === "refresh_token";
}

const CLIENT_SECRETS = [
  "GOV_GATEWAY_SECRET",
  "GOV_AUTH_SERVICE_SECRET",
  "GOV_PENDAFTARAN_SECRET",
  "GOV_STATISTIK_SECRET",
  "GOV_NOTIFIKASI_SECRET",
];

/** All but identity: what others do on the stack's servers must not be counted here. */
const EMBEDDED = {
  ...{ KAFKA_BROKERS: "", MONGODB_URI: "", REDIS_URL: "", UPSTASH_REDIS_REST_URL: "" },
  ...{ UPSTASH_REDIS_REST_TOKEN: "", TWILIO_ACCOUNT_SID: "", TWILIO_STATUS_CALLBACK: "" },
};
