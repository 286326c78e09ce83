import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openIdentity } from "../../shared/adapters/keycloak/identity.ts";
import type { ProviderUnderTest, RealmProvider } from "./identity_client.ts";
import { CLIENTS, RealmClient, USERS } from "./identity_client.ts";
import { keyRotationContract } from "./identity_rotation_contract.ts";
import { edgeTokenContract } from "./identity_edge_contract.ts";
import { forgeryContract } from "./identity_forgery_contract.ts";
import { outageContract } from "./identity_outage_contract.ts";

/**
 * What the system relies on of its identity provider, whichever it is. Users and clients are those of
 * `ops/keycloak/gov-realm-realm.json`. What needs the provider's own clock is tried where there is one.
 */
export function identityContract(name: string, provider: ProviderUnderTest): void {
  describe(`Identity contract on ${name}`, () => {
    const signal = AbortSignal.timeout(60_000);
    let realm: RealmProvider;
    let client: RealmClient;
    before(async () => {
      realm = await provider.open();
      client = new RealmClient(realm, provider.clock);
    });
    after(() => realm.close());

    for (const user of USERS) {
      it(`logs in ${user} with the role of that name and no other`, async () => {
        const identity = client.open();
        const { access_token, expires_in } = await client.logIn(user);
        const verified = await identity.verify(access_token);
        const introspected = await identity.introspect(access_token, signal);
        assert(verified.kind === "verified");
        assert.deepEqual([...verified.caller.roles], [user]);
        assert.equal(verified.caller.clientId, "auth-service");
        assert.notEqual(verified.caller.subject, "");
        assert(expires_in <= 300, "an access token lives five minutes at most");
        assert.deepEqual(introspected, verified, "by introspection the caller is the same");
      });
    }

    it("gives the bulk loader's service account its roles and no refresh token", async () => {
      const answer = await client.post("token", CLIENTS.simulasi, { grant_type: "client_credentials" });
      assert.equal(answer.refresh_token, undefined);
      const verification = await client.open().verify(String(answer.access_token));
      assert(verification.kind === "verified");
      assert.deepEqual([...verification.caller.roles].sort(), ["admin", "petugas", "tanpa-batas"]);
      assert.equal(verification.caller.clientId, "simulasi");
    });

    it("refuses a wrong password and an unknown user alike", async () => {
      const identity = client.open();
      const wrong = await identity.passwordGrant({ username: "warga", password: "salah" }, signal);
      const unknown = await identity.passwordGrant({ username: "tidak-ada", password: "salah" }, signal);
      assert.deepEqual(wrong, { kind: "rejected" });
      assert.deepEqual(unknown, { kind: "rejected" });
    });

    it("refuses even the right password after a row of wrong ones", async () => {
      const identity = client.open();
      const wrong = { username: "auditor", password: "salah" };
      // Five lock the account. Keycloak counts them a moment after its answer, hence five more.
      for (let i = 0; i < 10; i++) await identity.passwordGrant(wrong, signal);
      assert.deepEqual(await identity.passwordGrant(client.credentials("auditor"), signal), {
        kind: "rejected",
      });
    });

    const { clock } = provider;
    if (clock) {
      it("takes the right password again a minute later", async () => {
        clock.advance(61_000);
        const grant = await client.open().passwordGrant(client.credentials("auditor"), signal);
        assert.equal(grant.kind, "granted");
      });
    }

    it("is unavailable, not refusing the user, when our own client is refused", async () => {
      const identity = client.open({ client: { id: "auth-service", secret: "salah" } });
      const { access_token } = await client.logIn("petugas");
      assert.deepEqual(await identity.passwordGrant(client.credentials("petugas"), signal), {
        kind: "unavailable",
      });
      assert.deepEqual(await identity.introspect(access_token, signal), { kind: "unavailable" });
    });

    it("refreshes once, and ends the session when a refresh token comes a second time", async () => {
      const identity = client.open();
      const first = await client.logIn("petugas");
      const second = await identity.refresh(first.refresh_token, signal);
      assert(second.kind === "granted");
      assert.notEqual(second.tokens.refresh_token, first.refresh_token);
      assert.equal((await identity.verify(second.tokens.access_token)).kind, "verified");

      const thief = await identity.refresh(first.refresh_token, signal);
      const owner = await identity.refresh(second.tokens.refresh_token, signal);
      assert.deepEqual(thief, { kind: "rejected" });
      assert.deepEqual(owner, { kind: "rejected" });
      assert.deepEqual(await identity.introspect(second.tokens.access_token, signal), INACTIVE);
    });

    it("refuses to refresh with anything but a refresh token", async () => {
      const { access_token } = await client.logIn("petugas");
      for (const token of [access_token, "bukan.sebuah.token", ""]) {
        assert.deepEqual(await client.open().refresh(token, signal), { kind: "rejected" });
      }
    });

    it("knows by introspection at once, and by signature not, that a user logged out", async () => {
      const { access_token, refresh_token } = await client.logIn("petugas");
      assert.equal(await client.open().logout(refresh_token, signal), "ended");
      assert.deepEqual(await client.open().introspect(access_token, signal), INACTIVE);
      assert.equal((await client.open().verify(access_token)).kind, "verified");
      assert.deepEqual(await client.open().refresh(refresh_token, signal), { kind: "rejected" });
    });

    it("logs out a second time as if it were the first, and refuses what is no refresh token", async () => {
      const { refresh_token } = await client.logIn("petugas");
      assert.equal(await client.open().logout(refresh_token, signal), "ended");
      assert.equal(await client.open().logout(refresh_token, signal), "ended");
      assert.equal(await client.open().logout("bukan.sebuah.token", signal), "rejected");
    });

    it("tells a client nothing of a token that is not meant for it", async () => {
      const { access_token } = await client.logIn("petugas");
      const outsider = client.open({ client: client.clientOf("auth-admin"), audience: "auth-admin" });
      assert.deepEqual(await outsider.introspect(access_token, signal), INACTIVE);
    });

    it("lets each origin introspect by its own client", async () => {
      const { access_token } = await client.logIn("petugas");
      for (
        const id of [
          "pendaftaran-service",
          "statistik-service",
          "notifikasi-service",
          "auth-service",
        ] as const
      ) {
        const origin = client.open({ client: client.clientOf(id), audience: id });
        assert.equal((await origin.introspect(access_token, signal)).kind, "verified", id);
      }
    });

    it("is ready, and not when it speaks for another issuer", async () => {
      await client.open().check(signal);
      await assert.rejects(
        openIdentity({ ...client.options(), issuer: "https://lain.invalid/realms/gov-realm" }).check(signal),
        /does not answer as it should/,
      );
    });

    edgeTokenContract(() => client);
    forgeryContract(() => client);
    outageContract(() => client);
    keyRotationContract(() => client, provider);
  });
}

const INACTIVE = { kind: "rejected", reason: "inactive" };
