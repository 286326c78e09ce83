import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import file from "../../../ops/keycloak/gov-realm-realm.json" with { type: "json" };
import { DEVELOPMENT_SECRETS } from "../embedded/identity/development_secrets.ts";
import { createEmbeddedIdentity } from "../embedded/identity/identity.ts";
import { MAX_TOKEN_LENGTH } from "./claims.ts";
import { KeySet } from "./jwks.ts";
import { LIMITS } from "./limits.ts";
import { TestIssuer } from "./test_issuer.ts";
import { createVerification } from "./verify.ts";

/**
 * In characters. Every request carries two tokens as far as the origin, and nginx, which stands before many a cluster,
 * takes 8 KiB of headers.
 */
const BUDGET = 1_500;

describe("the size of access tokens", () => {
  for (const { username, credentials } of file.users) {
    if (credentials === undefined) continue;
    it(`stays within its budget for ${username}`, async () => {
      const token = await logIn(username);
      assert.ok(token.length <= BUDGET, `${token.length} characters`);
    });
  }

  it("is bound where tokens are verified: a longer one is refused before it is read or its key is asked for", async () => {
    const issuer = new TestIssuer();
    const verify = createVerification({
      keys: new KeySet(issuer.provider(), LIMITS, issuer.now),
      expected: { issuer: issuer.issuer, audience: "layanan", clients: new Set(["auth-service"]) },
      limits: LIMITS,
      now: issuer.now,
    });
    const key = await issuer.addKey("satu");
    const filled = (length: number) => issuer.sign(key, "satu", { isi: "x".repeat(length) });
    const long = await filled(3 * MAX_TOKEN_LENGTH / 4);
    assert.ok(long.length > MAX_TOKEN_LENGTH);
    assert.deepEqual(await verify(long), { kind: "rejected", reason: "too-long" });
    assert.equal(issuer.asked, 0);
    assert.equal((await verify(await filled(MAX_TOKEN_LENGTH / 2))).kind, "verified");
  });
});

async function logIn(username: string): Promise<string> {
  const secret = (name: string) => DEVELOPMENT_SECRETS[name];
  const baseUrl = "https://identitas.kependudukan.example.go.id";
  const { app } = await createEmbeddedIdentity({ realm: file, baseUrl, secret, passwordWork: 4 });
  const answer = await app.request("/realms/gov-realm/protocol/openid-connect/token", {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`auth-service:${secret("GOV_AUTH_SERVICE_SECRET")}`)}` },
    body: new URLSearchParams({ grant_type: "password", username, password: `${username}-rahasia` }),
  });
  assert.equal(answer.status, 200);
  return (await answer.json()).access_token;
}
