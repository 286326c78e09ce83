import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeJwt, decodeProtectedHeader } from "jose";
import file from "../../../../ops/keycloak/gov-realm-realm.json" with { type: "json" };
import { DEVELOPMENT_SECRETS } from "./development_secrets.ts";
import { createEmbeddedIdentity } from "./identity.ts";

describe("The embedded identity provider", () => {
  it("puts into a token only roles that its client may carry", async () => {
    const [first, ...users] = file.users;
    const promoted = { ...first, realmRoles: ["admin", "tanpa-batas"] };
    const { realm_access } = decodeJwt(await logIn({ ...file, users: [promoted, ...users] }));
    assert.deepEqual(realm_access, { roles: ["admin"] });
  });

  for (const algorithm of ["ES256", "EdDSA"]) {
    it(`signs with ${algorithm} when the realm file says so`, async () => {
      const token = await logIn({ ...file, defaultSignatureAlgorithm: algorithm });
      assert.equal(decodeProtectedHeader(token).alg, algorithm);
    });
  }

  it("refuses a form that says one thing twice", async () => {
    const answer = await request(file, `${LOGIN}&username=petugas`);
    assert.equal(answer.status, 400);
    assert.equal((await answer.json()).error_description, "duplicated parameter");
  });
});

const LOGIN = "grant_type=password&username=admin&password=admin-rahasia";

async function logIn(realm: unknown): Promise<string> {
  const answer = await request(realm, LOGIN);
  assert.equal(answer.status, 200);
  return (await answer.json()).access_token;
}

async function request(realm: unknown, form: string): Promise<Response> {
  const secret = (name: string) => DEVELOPMENT_SECRETS[name];
  const { app } = await createEmbeddedIdentity({ realm, baseUrl: "http://identitas.invalid", secret });
  return await app.request("/realms/gov-realm/protocol/openid-connect/token", {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`auth-service:${secret("GOV_AUTH_SERVICE_SECRET")}`)}` },
    body: new URLSearchParams(form),
  });
}
