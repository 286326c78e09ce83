import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeJwt, decodeProtectedHeader, exportSPKI, generateKeyPair, importJWK, SignJWT } from "jose";
import type { Identity, RejectionReason } from "../../shared/ports/identity.ts";
import { CLIENTS, type RealmClient } from "./identity_client.ts";

/** Tokens that must not pass, though each differs from a good one in a single thing. */
export function forgeryContract(client: () => RealmClient): void {
  describe("refuses", () => {
    const signal = AbortSignal.timeout(60_000);

    it("an ID token and a refresh token in place of an access token", async () => {
      const { username, password } = client().credentials("petugas");
      const form = { grant_type: "password", username, password, scope: "openid" };
      const tokens = await client().post("token", CLIENTS["auth-service"], form);
      const identity = client().open();
      assert.equal((await identity.verify(String(tokens.access_token))).kind, "verified");
      await assertRejected(identity, String(tokens.id_token), "type");
      await assertRejected(identity, String(tokens.refresh_token), "algorithm");
      for (const token of [tokens.id_token, tokens.refresh_token]) {
        const introspected = await identity.introspect(String(token), signal);
        assert.equal(introspected.kind, "rejected");
      }
    });

    it("a token for another audience", async () => {
      const identity = client().open({ audience: "layanan-lain" });
      const token = await good();
      await assertRejected(identity, token, "audience");
      assert.deepEqual(await identity.introspect(token, signal), { kind: "rejected", reason: "audience" });
    });

    it("a token of a client that is not accepted", async () => {
      const identity = client().open({ acceptedClients: ["portal"] });
      const token = await good();
      await assertRejected(identity, token, "client");
      assert.deepEqual(await identity.introspect(token, signal), { kind: "rejected", reason: "client" });
    });

    it("a token of another issuer, even one that publishes the same keys", async () => {
      const { issuer, fetch } = client().realm;
      const other = "https://lain.invalid/realms/gov-realm";
      const identity = client().open({
        issuer: other,
        fetch: (request) => fetch(new Request(request.url.replace(other, issuer), request)),
      });
      await assertRejected(identity, await good(), "issuer");
    });

    it("a token past its end, allowing the clocks five seconds", async () => {
      const token = await good();
      const { exp = 0 } = decodeJwt(token);
      const nearly = client().open({ now: () => exp * 1000 + 4_000 });
      const past = client().open({ now: () => exp * 1000 + 5_000 });
      assert.equal((await nearly.verify(token)).kind, "verified");
      await assertRejected(past, token, "expired");
    });

    it("a token from the future, allowing the clocks five seconds", async () => {
      const token = await good();
      const { iat = 0 } = decodeJwt(token);
      const nearly = client().open({ now: () => iat * 1000 - 5_000 });
      const before = client().open({ now: () => iat * 1000 - 6_000 });
      assert.equal((await nearly.verify(token)).kind, "verified");
      await assertRejected(before, token, "not-yet-valid");
    });

    it("a token without a signature", async () => {
      const [, payload] = (await good()).split(".");
      for (const alg of ["none", "None", "NONE"]) {
        await assertRejected(client().open(), `${encode({ alg, typ: "JWT" })}.${payload}.`, "algorithm");
      }
    });

    it("an HMAC under the public key", async () => {
      const token = await good();
      const jwk = await client().publishedKey();
      const publicKey = await importJWK(jwk, undefined, { extractable: true });
      assert(publicKey instanceof CryptoKey);
      const secret = new TextEncoder().encode(await exportSPKI(publicKey));
      const forged = await new SignJWT(decodeJwt(token)).setProtectedHeader({
        alg: "HS256",
        kid: jwk.kid,
        typ: "JWT",
      })
        .sign(secret);
      await assertRejected(client().open(), forged, "algorithm");
    });

    it("a signature by a stranger's key, whatever the header says of it", async () => {
      const token = await good();
      const { alg = "", kid = "" } = decodeProtectedHeader(token);
      const stranger = await generateKeyPair(alg);
      const sign = (header: Record<string, string>) =>
        new SignJWT(decodeJwt(token)).setProtectedHeader({ alg, typ: "JWT", ...header }).sign(
          stranger.privateKey,
        );
      await assertRejected(
        client().open(),
        await sign({ kid, jku: "https://lain.invalid/certs" }),
        "malformed",
      );
      await assertRejected(client().open(), await sign({ kid: "../../../dev/null" }), "unknown-key");
      await assertRejected(client().open(), await sign({}), "unknown-key");
    });

    it("changed claims under the old signature", async () => {
      const [header, , signature] = (await good()).split(".");
      const claims = decodeJwt(await good());
      const payload = encode({ ...claims, realm_access: { roles: ["admin"] } });
      const forged = `${header}.${payload}.${signature}`;
      await assertRejected(client().open(), forged, "signature");
      assert.deepEqual(await client().open().introspect(forged, signal), {
        kind: "rejected",
        reason: "inactive",
      });
    });

    it("a token that is bound to a key which nobody proved to hold", async () => {
      const [header, , signature] = (await good()).split(".");
      const payload = encode({ ...decodeJwt(await good()), cnf: { jkt: "sidik-jari" } });
      await assertRejected(client().open(), `${header}.${payload}.${signature}`, "sender-constrained");
    });

    it("what is too long or no token at all, unread", async () => {
      const identity = client().open({ fetch: () => assert.fail("the provider was asked") });
      const padded = `${await good()}${"A".repeat(4096)}`;
      await assertRejected(identity, padded, "too-long");
      assert.deepEqual(await identity.introspect(padded, signal), { kind: "rejected", reason: "too-long" });
      for (const token of ["", "..", "a.b", "a.b.c.d", "a.b.c", "{}.{}.{}", "é.é.é"]) {
        await assertRejected(identity, token, "malformed");
      }
    });

    async function good(): Promise<string> {
      return (await client().logIn("petugas")).access_token;
    }
  });
}

async function assertRejected(identity: Identity, token: string, reason: RejectionReason): Promise<void> {
  assert.deepEqual(await identity.verify(token), { kind: "rejected", reason });
}

const encode = (value: unknown) =>
  btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
