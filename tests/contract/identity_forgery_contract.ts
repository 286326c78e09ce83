import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeJwt } from "jose";
import { LIMITS } from "../../shared/adapters/keycloak/limits.ts";
import type { Identity, RejectionReason } from "../../shared/ports/identity.ts";
import { TOKEN_ATTACKS } from "../security/tokens/attacks.ts";
import { encode, type Kit, openKit, parts, publishingToo, token } from "../security/tokens/forge.ts";
import { openLure } from "../security/tokens/lure.ts";
import type { RealmClient } from "./identity_client.ts";

/** Tokens that must not pass, though each differs from a good one in a single thing. */
export function forgeryContract(client: () => RealmClient): void {
  describe("refuses", () => {
    const signal = AbortSignal.timeout(120_000);
    const lure = openLure();
    let kit: Kit;
    /** The edge's own view, and an origin's. */
    let edge: Identity;
    let origin: Identity;

    before(async () => {
      const fetch = publishingToo(client().realm.fetch);
      kit = await openKit(client(), lure.url);
      edge = client().open({ audience: "gateway", client: client().clientOf("gateway"), fetch });
      origin = client().open({ fetch });
      assert.equal((await edge.verify(kit.good)).kind, "verified");
      assert.equal((await edge.verify(token(kit.claims))).kind, "verified", "or the forgeries prove nothing");
      assert.equal((await origin.introspect(kit.good, signal)).kind, "verified");
    });
    after(() => lure.close());

    for (const { name, reason, forge } of TOKEN_ATTACKS) {
      it(name, async () => {
        const forged = forge(kit);
        await assertRejected(edge, forged, reason);
        assert.equal((await origin.introspect(forged, signal)).kind, "rejected", "by introspection");
        for (const tried of [edge, origin]) assert.equal((await tried.verifyEdge(forged)).kind, "rejected");
      });
    }

    it("to look for a key where a token says", () => {
      assert.equal(lure.asked(), 0);
    });

    it("a token for another audience", async () => {
      const identity = client().open({ audience: "layanan-lain" });
      await assertRejected(identity, kit.good, "audience");
      assert.deepEqual(await identity.introspect(kit.good, signal), { kind: "rejected", reason: "audience" });
    });

    it("a token of a client that is not accepted", async () => {
      const identity = client().open({ acceptedClients: ["portal"] });
      await assertRejected(identity, kit.good, "client");
      assert.deepEqual(await identity.introspect(kit.good, signal), { kind: "rejected", reason: "client" });
    });

    it("a token of another issuer, even one that publishes the same keys", async () => {
      const { issuer, fetch } = client().realm;
      const other = "https://lain.invalid/realms/gov-realm";
      const identity = client().open({
        issuer: other,
        fetch: (request) => fetch(new Request(request.url.replace(other, issuer), request)),
      });
      await assertRejected(identity, kit.good, "issuer");
    });

    it("a token past its end, allowing the clocks five seconds", async () => {
      const { exp = 0 } = decodeJwt(kit.good);
      const nearly = client().open({ now: () => exp * 1000 + 4_000 });
      const past = client().open({ now: () => exp * 1000 + 5_000 });
      assert.equal((await nearly.verify(kit.good)).kind, "verified");
      await assertRejected(past, kit.good, "expired");
    });

    it("a token from the future, allowing the clocks five seconds", async () => {
      const { iat = 0 } = decodeJwt(kit.good);
      const nearly = client().open({ now: () => iat * 1000 - 5_000 });
      const before = client().open({ now: () => iat * 1000 - 6_000 });
      assert.equal((await nearly.verify(kit.good)).kind, "verified");
      await assertRejected(before, kit.good, "not-yet-valid");
    });

    it("a thousand key names without asking the provider for one of them", async () => {
      let asked = 0;
      let now = client().now();
      const identity = client().open({
        now: () => now,
        fetch: (request) => {
          asked++;
          return client().realm.fetch(request);
        },
      });
      await identity.verify(kit.good);
      assert.equal(asked, 1);
      const [, payload, signature] = parts(kit.good);
      const named = (kid: string) => `${encode({ alg: "RS256", typ: "JWT", kid })}.${payload}.${signature}`;
      for (let i = 0; i < 1_000; i++) {
        await assertRejected(identity, named(crypto.randomUUID()), "unknown-key");
      }
      assert.equal(asked, 1, "inside the cool-down");
      now += LIMITS.keysCooldownMs;
      await Promise.all(
        Array.from({ length: 50 }, () => identity.verify(named(crypto.randomUUID()))),
      );
      assert.equal(asked, 2, "once for all after it");
    });
  });
}

async function assertRejected(identity: Identity, token: string, reason: RejectionReason): Promise<void> {
  assert.deepEqual(await identity.verify(token), { kind: "rejected", reason });
}
