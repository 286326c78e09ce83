import { beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { LIMITS } from "../../shared/adapters/keycloak/limits.ts";
import type { Fetch } from "../../shared/adapters/keycloak/provider.ts";
import type { Identity } from "../../shared/ports/identity.ts";
import type { RealmClient } from "./identity_client.ts";

/** The provider goes away: nobody is refused for that, and nobody is let in for longer than it was said. */
export function outageContract(client: () => RealmClient): void {
  describe("goes away", () => {
    const signal = AbortSignal.timeout(120_000);
    let away: boolean;
    let waited: number;
    let asked: string[];
    let good: string;

    beforeEach(async () => {
      [away, waited, asked] = [false, 0, []];
      good = (await client().logIn("petugas")).access_token;
    });

    it("before its keys were seen: a token cannot be checked, which is not a refusal", async () => {
      const identity = open();
      away = true;
      assert.deepEqual(await identity.verify(good), { kind: "unavailable" });
      assert.deepEqual(await identity.verifyEdge(good), { kind: "unavailable" });
      assert.deepEqual(await identity.introspect(good, signal), { kind: "unavailable" });
      assert.equal(await identity.serviceToken(signal), undefined);
      away = false;
      waited = LIMITS.keysCooldownMs;
      assert.equal((await identity.verify(good)).kind, "verified", "when it is back");
    });

    it("after its keys were seen: they serve within the hard limit, and then nothing does", async () => {
      const identity = open();
      assert.equal((await identity.verify(good)).kind, "verified");
      away = true;
      // Its last answer was the keys: only their age decides, as long as the token itself lasts.
      const old = decodeJwt(good);
      waited = ((old.exp ?? 0) - (old.iat ?? 0)) * 1000 - 2_000;
      assert.equal((await identity.verify(good)).kind, "verified", "to the token's end");
      waited = LIMITS.keysUsableMs + 1_000;
      assert.deepEqual(await identity.verify(good), { kind: "unavailable" });
    });

    it("while a token names a key that was never seen: it cannot be checked", async () => {
      const identity = open();
      assert.equal((await identity.verify(good)).kind, "verified");
      away = true;
      waited = LIMITS.keysCooldownMs;
      const [header = "", ...rest] = good.split(".");
      const renamed = { ...decodeProtectedHeader(good), kid: "baru" };
      const stranger = [btoa(JSON.stringify(renamed)).replaceAll("=", ""), ...rest].join(".");
      assert.notEqual(header, "");
      assert.deepEqual(await identity.verify(stranger), { kind: "unavailable" });
    });

    it("after a token was introspected: it stands for ten seconds, and then nothing does", async () => {
      const identity = open();
      assert.equal((await identity.introspect(good, signal)).kind, "verified");
      away = true;
      waited = LIMITS.activeMs - 1_000;
      assert.equal((await identity.introspect(good, signal)).kind, "verified");
      waited = LIMITS.activeMs;
      assert.deepEqual(await identity.introspect(good, signal), { kind: "unavailable" });
    });

    it("and is asked once per cool-down for its keys, whoever comes", async () => {
      const identity = open();
      away = true;
      for (let i = 0; i < 100; i++) await identity.verify(good);
      assert.equal(asked.length, 1);
      waited = LIMITS.keysCooldownMs;
      await Promise.all(Array.from({ length: 100 }, () => identity.verify(good)));
      assert.equal(asked.length, 2);
    });

    function open(): Identity {
      const fetch: Fetch = (request) => {
        asked.push(request.url);
        return away ? Promise.reject(new TypeError("connection refused")) : client().realm.fetch(request);
      };
      return client().open({ fetch, now: () => client().now() + waited });
    }
  });
}
