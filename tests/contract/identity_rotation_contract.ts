import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeProtectedHeader } from "jose";
import { LIMITS } from "../../shared/adapters/keycloak/limits.ts";
import type { ProviderUnderTest, RealmClient } from "./identity_client.ts";

/** The signing key changes under load: no good token is ever refused, and in the end no old one is taken. */
export function keyRotationContract(client: () => RealmClient, { keys }: ProviderUnderTest): void {
  describe("rotates its keys", () => {
    it("without refusing anybody, when the new key is published before it signs", async () => {
      let waited = 0;
      const identity = client().open({ now: () => client().now() + waited });
      const logIn = async () => (await client().logIn("petugas")).access_token;
      const verify = async (token: string) => (await identity.verify(token)).kind;

      const old = await logIn();
      assert.equal(await verify(old), "verified");

      await keys.publish();
      const meanwhile = await logIn();
      assert.equal(kidOf(meanwhile), kidOf(old), "a published key does not sign yet");
      assert.equal(await verify(meanwhile), "verified");

      await keys.activate();
      waited = LIMITS.keysCooldownMs;
      const fresh = await logIn();
      assert.notEqual(kidOf(fresh), kidOf(old));
      assert.equal(await verify(fresh), "verified", "the first token of the new key");
      assert.equal(await verify(old), "verified", "a token of the old key");
      assert.equal(await verify(meanwhile), "verified");

      await keys.retire();
      waited += LIMITS.keysCooldownMs;
      assert.deepEqual(await client().open().verify(old), { kind: "rejected", reason: "unknown-key" });
      assert.equal(await verify(await logIn()), "verified");
    });
  });
}

const kidOf = (token: string) => decodeProtectedHeader(token).kid;
