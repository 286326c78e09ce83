import { it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PASSWORD, refused, type UnderAttack } from "./under_attack.ts";

/** Attacks on the password grant, the refresh tokens and the clients, whichever provider it is. */
export function attacksOnPasswords(open: () => UnderAttack): void {
  it("the right password after a row of wrong ones is refused", async () => {
    const { username } = await open().victim();
    // Five lock the account. Keycloak counts them a moment after its answer, hence five more.
    for (let i = 0; i < 10; i++) await refused(await open().signIn(username, `salah-${i}`), 400, 401);
    await refused(await open().signIn(username, PASSWORD), 400, 401);
  });

  it("learning from the answer which user names exist is refused", async () => {
    const { username } = await open().victim();
    const disabled = await open().victim();
    await disable(disabled.username);
    const answers = await Promise.all([
      open().signIn(username, "salah-sandinya"),
      open().signIn("tidak-ada-orangnya", "salah-sandinya"),
      open().signIn(disabled.username, "salah-sandinya"),
      open().signIn("service-account-simulasi", "salah-sandinya"),
    ]);
    const told = await Promise.all(answers.map(async (answer) => `${answer.status} ${await answer.text()}`));
    assert.equal(new Set(told).size, 1, told.join("\n"));
  });

  it("learning from a lock-out that the account exists or that the password was right is refused", async () => {
    const { username } = await open().victim();
    for (let i = 0; i < 10; i++) await open().signIn(username, "salah-sandinya");
    const locked = await open().signIn(username, PASSWORD);
    const unknown = await open().signIn("tidak-ada-orangnya", PASSWORD);
    assert.equal(await locked.text(), await unknown.text());
    assert.equal(locked.status, unknown.status);
  });

  it("a disabled user's right password is refused", async () => {
    const { username } = await open().victim();
    await disable(username);
    await refused(await open().signIn(username, PASSWORD), 400, 401);
  });

  it("a password that must be changed first, at the password grant, is refused", async () => {
    const { username } = await open().victim({ password: { value: PASSWORD, mustChange: true } });
    await refused(await open().signIn(username, PASSWORD), 400, 401);
  });

  it("signing in as a service account by any password is refused", async () => {
    for (const password of ["", "undefined", "service-account-simulasi"]) {
      await refused(await open().signIn("service-account-simulasi", password), 400, 401);
    }
  });

  for (
    const name of [
      "' OR '1'='1",
      "petugas'--",
      "petug%",
      "petuga_",
      "*",
      "petugas\u200b",
      "реtugas",
      "../petugas",
    ]
  ) {
    it(`the user name ${JSON.stringify(name)} with petugas' password is refused`, async () => {
      const { password } = open().client.credentials("petugas");
      await refused(await open().signIn(name, password), 400, 401);
    });
  }

  it("the user name of petugas with a null byte behind it is refused", async () => {
    const { password } = open().client.credentials("petugas");
    // Keycloak asks PostgreSQL, which takes no such text, and knows no other answer than 500. POST /login does not ask.
    await refused(await open().signIn("petugas\u0000", password), 400, 401, 500);
  });

  for (const password of ["", " ", "\u0000", "*", "%", "' OR '1'='1", "null"]) {
    it(`the password ${JSON.stringify(password)} is refused`, async () => {
      const { username } = await open().victim();
      await refused(await open().signIn(username, password), 400, 401);
    });
  }

  it("two passwords in one form are refused", async () => {
    const { username } = await open().victim();
    const form = `grant_type=password&username=${username}&password=salah&password=${PASSWORD}`;
    await refused(await open().token(form), 400);
  });

  it("a password grant in the name of the page is refused", async () => {
    const { username } = await open().victim();
    const form = { grant_type: "password", client_id: "portal", username, password: PASSWORD };
    await refused(await asAnybody(form), 400, 401);
  });

  it("a password grant by a client that has none is refused", async () => {
    const { username } = await open().victim();
    await refused(
      await open().token({ grant_type: "password", username, password: PASSWORD }, "pendaftaran-service"),
      400,
      401,
    );
  });

  it("a password grant with a wrong client secret is refused", async () => {
    const { username } = await open().victim();
    const form = { grant_type: "password", client_id: "auth-service", username, password: PASSWORD };
    for (const client_secret of ["", "salah", "${GOV_AUTH_SERVICE_SECRET}"]) {
      await refused(await asAnybody({ ...form, client_secret }), 401);
    }
    await refused(await asAnybody(form), 401);
  });

  it("a service account's token for the page or the auth service is refused", async () => {
    await refused(await asAnybody({ grant_type: "client_credentials", client_id: "portal" }), 400, 401);
    await refused(await open().token({ grant_type: "client_credentials" }), 400, 401);
  });

  for (const scope of ["offline_access", "roles", "admin", "microprofile-jwt"]) {
    it(`asking for the scope ${scope} is refused`, async () => {
      const { username } = await open().victim();
      await refused(
        await open().token({ grant_type: "password", username, password: PASSWORD, scope }),
        400,
      );
    });
  }

  for (const grant of ["implicit", "urn:ietf:params:oauth:grant-type:token-exchange", "PASSWORD", ""]) {
    it(`the grant ${JSON.stringify(grant)} is refused`, async () => {
      const { username } = await open().victim();
      const { access_token } = await open().tokensOf({ id: "", username });
      const form = { grant_type: grant, username, password: PASSWORD, subject_token: access_token };
      await refused(await open().token(form), 400, 401, 403);
    });
  }

  it("a stolen refresh token after its owner used it is refused, and both are signed out", async () => {
    const { refresh_token } = await open().tokensOf(await open().victim());
    const owner = await open().token({ grant_type: "refresh_token", refresh_token });
    assert.equal(owner.status, 200);
    const second = await owner.json();
    await refused(await open().token({ grant_type: "refresh_token", refresh_token }), 400);
    await refused(
      await open().token({ grant_type: "refresh_token", refresh_token: second.refresh_token }),
      400,
    );
  });

  it("a refresh token in the hands of another client is refused", async () => {
    const { refresh_token } = await open().tokensOf(await open().victim());
    await refused(await open().token({ grant_type: "refresh_token", refresh_token }, "simulasi"), 400);
    await refused(
      await asAnybody({ grant_type: "refresh_token", client_id: "portal", refresh_token }),
      400,
    );
  });

  it("an access token, a changed token and an unsigned one as refresh token are refused", async () => {
    const { access_token, refresh_token } = await open().tokensOf(await open().victim());
    const [, payload] = refresh_token.split(".");
    const none = `${btoa(JSON.stringify({ alg: "none", typ: "JWT" })).replaceAll("=", "")}.${payload}.`;
    for (const token of [access_token, `${refresh_token.slice(0, -4)}AAAA`, none, "", "a.b.c"]) {
      await refused(await open().token({ grant_type: "refresh_token", refresh_token: token }), 400);
    }
  });

  it("a refresh token of a user who was disabled or signed out is refused", async () => {
    const { directory } = open();
    for (const end of ["disable", "logout"] as const) {
      const victim = await open().victim();
      const { refresh_token } = await open().tokensOf(victim);
      const user = await directory.find(victim.username);
      assert(user);
      if (end === "disable") await directory.change(user.id, { enabled: false });
      else await directory.endSessions(user.id);
      await refused(await open().token({ grant_type: "refresh_token", refresh_token }), 400);
    }
  });

  async function disable(name: Parameters<UnderAttack["directory"]["find"]>[0]): Promise<void> {
    const user = await open().directory.find(name);
    assert(user);
    await open().directory.change(user.id, { enabled: false });
  }

  function asAnybody(form: Readonly<Record<string, string>>): Promise<Response> {
    return fetch(`${open().realm.issuer}/protocol/openid-connect/token`, {
      method: "POST",
      body: new URLSearchParams(form),
    });
  }
}
