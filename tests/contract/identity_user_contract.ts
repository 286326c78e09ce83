import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { LIMITS } from "../../shared/adapters/keycloak/limits.ts";
import type { Tokens } from "../../shared/ports/identity.ts";
import { createAuthApp } from "../../workers/auth/app.ts";
import { FakeAudit } from "../fakes/audit.ts";
import { type ServedEdge, serveEdge } from "../security/served_edge.ts";
import { CLIENTS, RealmClient, type RealmProvider } from "./identity_client.ts";

/**
 * What the provider knows of a user reaches the origins, and what it unlearns too. Changes its users: the realm must be
 * the test's own.
 */
export function identityUserContract(name: string, open: () => Promise<RealmProvider>): void {
  describe(`Users of ${name}`, () => {
    const signal = AbortSignal.timeout(60_000);
    let realm: RealmProvider;
    let client: RealmClient;
    let edge: ServedEdge;
    let waited = 0;

    before(async () => {
      realm = await open();
      client = new RealmClient(realm, undefined);
      const now = () => Date.now() + waited;
      const auth = createAuthApp({ identity: client.open({ now }), audit: new FakeAudit() });
      const identity = client.open({ audience: "gateway", client: client.clientOf("gateway"), now });
      edge = serveEdge(identity, (request) => auth.fetch(request));
    });
    after(async () => {
      await edge?.close();
      await realm?.close();
    });

    it("are bound to their province, in the token and by introspection", async () => {
      const { access_token } = await client.logIn("petugas-jabar");
      const identity = client.open();
      const verified = await identity.verify(access_token);
      assert(verified.kind === "verified");
      assert.equal(verified.caller.provinsi, "32");
      assert.deepEqual([...verified.caller.roles], ["petugas"]);
      assert.deepEqual(await identity.introspect(access_token, signal), verified);
    });

    it("are refused within ten seconds after they log out", async () => {
      const tokens = await client.logIn("petugas-jabar");
      assert.equal(await visit(tokens), 200);
      assert.equal(await client.open().logout(tokens.refresh_token, signal), "ended");
      waited += LIMITS.activeMs;
      assert.equal(await visit(tokens), 401);
    });

    it("are refused within ten seconds after they are disabled, and get no new token", async () => {
      const tokens = await client.logIn("petugas-jabar");
      assert.equal(await visit(tokens), 200);
      await change("petugas-jabar", { enabled: false });
      waited += LIMITS.activeMs;
      assert.equal(await visit(tokens), 401);
      const identity = client.open();
      assert.deepEqual(await identity.refresh(tokens.refresh_token, signal), { kind: "rejected" });
      const again = await identity.passwordGrant(client.credentials("petugas-jabar"), signal);
      assert.deepEqual(again, { kind: "rejected" });
    });

    async function visit({ access_token }: Tokens): Promise<number> {
      const headers = { authorization: `Bearer ${access_token}` };
      const answer = await fetch(`${edge.url}/protected`, { headers });
      await answer.body?.cancel();
      return answer.status;
    }

    /** As `deno task users` does it: by the admin API, as the client that manages users. */
    async function change(username: string, fields: Record<string, unknown>): Promise<void> {
      const { access_token } = await client.post("token", CLIENTS["auth-admin"], {
        grant_type: "client_credentials",
      });
      const headers = { authorization: `Bearer ${access_token}`, "content-type": "application/json" };
      const users = `${realm.issuer.replace("/realms/", "/admin/realms/")}/users`;
      const found = await realm.fetch(new Request(`${users}?username=${username}&exact=true`, { headers }));
      const [user] = await found.json();
      const body = JSON.stringify({ ...user, ...fields });
      const answer = await realm.fetch(new Request(`${users}/${user.id}`, { method: "PUT", headers, body }));
      assert.equal(answer.status, 204);
    }
  });
}
