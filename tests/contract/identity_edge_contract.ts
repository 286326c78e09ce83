import { before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeJwt } from "jose";
import type { Identity } from "../../shared/ports/identity.ts";
import { CLIENTS, type RealmClient } from "./identity_client.ts";

const ORIGINS = ["auth-service", "pendaftaran-service", "statistik-service", "notifikasi-service"] as const;

/** The edge names itself to each origin by a token that nobody else can have. */
export function edgeTokenContract(client: () => RealmClient): void {
  describe("gives the edge a token of its own", () => {
    const signal = AbortSignal.timeout(60_000);
    let edge: Identity;
    let token: string;
    before(async () => {
      edge = client().open({ audience: "gateway", client: client().clientOf("gateway") });
      token = await edge.serviceToken(signal) ?? assert.fail("no token");
    });

    for (const id of ORIGINS) {
      it(`that ${id} takes for the edge's, and for no user's`, async () => {
        const origin = client().open({ client: client().clientOf(id), audience: id });
        const verification = await origin.verifyEdge(token);
        assert(verification.kind === "verified");
        assert.equal(verification.caller.clientId, "gateway");
        assert.equal(verification.caller.roles.size, 0, "it may do nothing by itself");
        assert.deepEqual(await origin.verify(token), CLIENT_REFUSED);
        assert.deepEqual(await origin.introspect(token, signal), CLIENT_REFUSED);
      });

      it(`and lets nobody else pass for it at ${id}`, async () => {
        const origin = client().open({ client: client().clientOf(id), audience: id });
        const { access_token } = await client().logIn("admin");
        assert.deepEqual(await origin.verifyEdge(access_token), CLIENT_REFUSED);
        for (const other of [CLIENTS.simulasi, CLIENTS["auth-admin"]]) {
          const answer = await client().post("token", other, { grant_type: "client_credentials" });
          assert.equal((await origin.verifyEdge(String(answer.access_token))).kind, "rejected", other.id);
        }
      });
    }

    it("that is kept until it must be renewed", async () => {
      assert.equal(await edge.serviceToken(signal), token);
      edge.discardServiceToken(token);
      const { iat = 0, exp = 0 } = decodeJwt(token);
      assert(exp - iat <= 300, "it lives five minutes at most");
    });

    it("and none to a client without a service account, or under a wrong secret", async () => {
      const auth = client().open();
      assert.equal(await auth.serviceToken(signal), undefined);
      const wrong = client().open({ client: { id: "gateway", secret: "salah" } });
      assert.equal(await wrong.serviceToken(signal), undefined);
    });
  });
}

const CLIENT_REFUSED = { kind: "rejected", reason: "client" };
