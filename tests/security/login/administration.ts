import { it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PASSWORD, refused, type UnderAttack } from "./under_attack.ts";

/** Attacks on the admin API, by strangers, by users, by other clients, and by a stolen token of `auth-admin` itself. */
export function attacksOnAdministration(open: () => UnderAttack): void {
  const intruder = { username: "penyusup", enabled: true };

  it("making a user without a token is refused", async () => {
    await refused(await open().admin(undefined, "POST", "/users", intruder), 401);
  });

  for (const user of ["admin", "petugas"] as const) {
    it(`making a user with the token of the user ${user} is refused`, async () => {
      const { access_token } = await open().client.logIn(user);
      await refused(await open().admin(access_token, "POST", "/users", intruder), 401, 403);
    });
  }

  it("listing users with the token of another service is refused", async () => {
    const answer = await open().token({ grant_type: "client_credentials" }, "simulasi");
    const { access_token } = await answer.json();
    await refused(await open().admin(access_token, "GET", "/users"), 403);
  });

  it("making a user with a refresh token is refused", async () => {
    const { refresh_token } = await open().tokensOf(await open().victim());
    await refused(await open().admin(refresh_token, "POST", "/users", intruder), 401);
  });

  it("making a user with an unsigned copy of the right token is refused", async () => {
    const [, payload] = (await open().adminToken()).split(".");
    const header = btoa(JSON.stringify({ alg: "none", typ: "JWT" })).replaceAll("=", "");
    await refused(await open().admin(`${header}.${payload}.`, "POST", "/users", intruder), 401);
  });

  it("making a user with changed claims under the old signature is refused", async () => {
    const { access_token } = await open().client.logIn("admin");
    const [header, payload = "", signature] = access_token.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    claims.resource_access = { "realm-management": { roles: ["manage-users"] } };
    const forged = Buffer.from(JSON.stringify(claims)).toString("base64url");
    await refused(await open().admin(`${header}.${forged}.${signature}`, "POST", "/users", intruder), 401);
  });

  it("the token in the address instead of the header is refused", async () => {
    const token = await open().adminToken();
    await refused(await open().admin(undefined, "GET", `/users?access_token=${token}`), 401);
  });

  const beyond: readonly [string, string, string, unknown][] = [
    ["lengthening the life of tokens", "PUT", "", { accessTokenLifespan: 86_400 }],
    ["taking away the lock-out", "PUT", "", { bruteForceProtected: false }],
    ["removing the realm", "DELETE", "", undefined],
    ["reading the clients", "GET", "/clients", undefined],
    ["making a client", "POST", "/clients", { clientId: "pintu-belakang" }],
    ["making a role", "POST", "/roles", { name: "raja" }],
    ["letting users edit their province", "PUT", "/users/profile", { attributes: [] }],
    ["adding a signing key", "POST", "/components", { name: "kunci", providerId: "rsa" }],
    ["importing a realm", "POST", "/partialImport", { users: [] }],
    ["reading what administrators did", "GET", "/admin-events", undefined],
  ];
  for (const [what, method, path, body] of beyond) {
    it(`${what} with auth-admin's token is refused`, async () => {
      await refused(await open().admin(await open().adminToken(), method, path, body), 403, 404);
    });
  }

  it("signing in as somebody by impersonation is refused", async () => {
    const { id } = await open().victim();
    const answer = await open().admin(await open().adminToken(), "POST", `/users/${id}/impersonation`, {});
    assert.equal(answer.headers.getSetCookie().length, 0);
    await refused(answer, 403, 404);
  });

  it("roles slipped into a new user are refused", async () => {
    const token = await open().adminToken();
    const made = await open().admin(token, "POST", "/users", {
      username: "selundup-peran",
      enabled: true,
      realmRoles: ["admin", "tanpa-batas"],
      clientRoles: { "realm-management": ["realm-admin"] },
      credentials: [{ type: "password", value: PASSWORD, temporary: false }],
    });
    assert.equal(made.status, 201);
    const tokens = await open().signIn("selundup-peran", PASSWORD);
    const { access_token } = await tokens.json();
    const claims = JSON.parse(Buffer.from(access_token.split(".")[1], "base64url").toString());
    assert.equal(claims.realm_access, undefined);
    assert.equal(claims.resource_access, undefined);
  });

  it("lifting a person's limit by the role tanpa-batas is refused at every client where people sign in", async () => {
    const victim = await open().victim();
    const token = await open().adminToken();
    const path = `/users/${victim.id}/role-mappings/realm`;
    const available = await (await open().admin(token, "GET", `${path}/available`)).json();
    const role = available.find(({ name }: { name: string }) => name === "tanpa-batas");
    assert.equal((await open().admin(token, "POST", path, [role])).status, 204);
    const { access_token } = await open().tokensOf(victim);
    const claims = JSON.parse(Buffer.from(access_token.split(".")[1] ?? "", "base64url").toString());
    assert.deepEqual(claims.realm_access, { roles: ["warga"] }, "the token carries more than the client may");
  });

  it("a role by a made-up id is refused", async () => {
    const { id } = await open().victim();
    const role = { id: crypto.randomUUID(), name: "admin" };
    await refused(
      await open().admin(await open().adminToken(), "POST", `/users/${id}/role-mappings/realm`, [role]),
      404,
    );
  });

  it("a password against the policy, through the admin API, is refused", async () => {
    const { id, username } = await open().victim();
    const token = await open().adminToken();
    for (const value of ["sebelas-kar", username]) {
      const body = { type: "password", value, temporary: false };
      await refused(await open().admin(token, "PUT", `/users/${id}/reset-password`, body), 400);
    }
    await open().tokensOf({ id, username });
  });

  it("a path that climbs out of the realm is refused", async () => {
    const token = await open().adminToken();
    for (const path of ["/users/..%2f..%2fmaster/users", "/..%2fmaster/users", "/users/%2e%2e/clients"]) {
      await refused(await open().admin(token, "GET", path), 400, 403, 404);
    }
  });
}
