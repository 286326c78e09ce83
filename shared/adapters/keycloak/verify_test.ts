import { beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type CryptoKey, SignJWT } from "jose";
import type { Identity, Verification } from "../../ports/identity.ts";
import { KeySet } from "./jwks.ts";
import { TestIssuer } from "./test_issuer.ts";
import { createVerification } from "./verify.ts";

const LIMITS = {
  keysFreshMs: 20_000,
  keysUsableMs: 120_000,
  keysCooldownMs: 10_000,
  verifiedMs: 60_000,
  cachedTokens: 100,
};

describe("verify", () => {
  let issuer: TestIssuer;
  let key: CryptoKey;
  let verify: Identity["verify"];
  let token: string;

  beforeEach(async () => {
    issuer = new TestIssuer();
    key = await issuer.addKey("satu");
    verify = open();
    token = await issuer.sign(key, "satu");
  });

  it("names the caller, with the roles that we know", async () => {
    const verification = await verify(token);
    assert(verification.kind === "verified");
    const { caller } = verification;
    assert.equal(caller.subject, "b3a1");
    assert.equal(caller.clientId, "auth-service");
    assert.deepEqual([...caller.roles], ["petugas"]);
    assert.equal(caller.expiresAt.getTime(), issuer.time + 300_000);
  });

  it("checks a signature once for all who come with the token", async () => {
    const verifications = await Promise.all(Array.from({ length: 50 }, () => verify(token)));
    const again = await verify(token);
    assert.equal(new Set([...verifications, again]).size, 1, "all got the same object");
  });

  it("checks the signature again after a minute", async () => {
    const first = await verify(token);
    issuer.time += LIMITS.verifiedMs - 1;
    assert.equal(await verify(token), first);
    issuer.time += 1;
    const second = await verify(token);
    assert.notEqual(second, first);
    assert.deepEqual(second, first);
  });

  it("checks some up to a quarter of the minute earlier, so that not all come due together", async () => {
    verify = open({}, 1);
    const first = await verify(token);
    issuer.time += 0.75 * LIMITS.verifiedMs - 1;
    assert.equal(await verify(token), first);
    issuer.time += 1;
    assert.notEqual(await verify(token), first);
  });

  it("refuses a remembered token past its end", async () => {
    const short = await issuer.sign(key, "satu", { exp: issuer.time / 1000 + 10 });
    assert.equal((await verify(short)).kind, "verified");
    issuer.time += 14_999;
    assert.equal((await verify(short)).kind, "verified", "within the tolerance");
    issuer.time += 1;
    assert.deepEqual(await verify(short), rejected("expired"));
  });

  it("forgets the tokens of a key that is no longer published", async () => {
    await verify(token);
    issuer.published = [];
    const other = await issuer.addKey("dua");
    issuer.time += LIMITS.keysCooldownMs;
    assert.equal((await verify(await issuer.sign(other, "dua"))).kind, "verified");
    assert.deepEqual(await verify(token), rejected("unknown-key"));
  });

  it("trusts not even a remembered token when the keys are too old", async () => {
    verify = open({ verifiedMs: 600_000 });
    await verify(token);
    issuer.answer = () => Promise.reject(new TypeError("connection refused"));
    issuer.time += LIMITS.keysUsableMs + 1;
    assert.deepEqual(await verify(token), { kind: "unavailable" });
  });

  it("keeps no more tokens than it may", async () => {
    verify = open({ cachedTokens: 1 });
    const first = await verify(token);
    await verify(await issuer.sign(key, "satu", { sub: "c4d2" }));
    assert.notEqual(await verify(token), first, "it was checked again");
  });

  it("takes a changed token for another one, however much of it is remembered", async () => {
    await verify(token);
    const first = token.at(-4) === "A" ? "B" : "A";
    const changed = `${token.slice(0, -4)}${first}${token.slice(-3)}`;
    assert.deepEqual(await verify(changed), rejected("signature"));
    assert.deepEqual(await verify(`${token}A`), rejected("signature"));
    assert.equal((await verify(token)).kind, "verified");
  });

  it("refuses well-signed tokens with a wrong claim", async () => {
    const seconds = issuer.time / 1000;
    const cases: readonly [Record<string, unknown>, Verification][] = [
      [{ iss: "https://lain.invalid" }, rejected("issuer")],
      [{ aud: "lain" }, rejected("audience")],
      [{ aud: undefined }, rejected("audience")],
      [{ aud: ["gateway-lain", "Gateway"] }, rejected("audience")],
      [{ azp: "lain" }, rejected("client")],
      [{ azp: undefined }, rejected("client")],
      [{ typ: "ID" }, rejected("type")],
      [{ typ: undefined }, rejected("type")],
      [{ exp: seconds - 5 }, rejected("expired")],
      [{ exp: undefined }, rejected("claims")],
      [{ exp: "besok" }, rejected("claims")],
      [{ iat: seconds + 6 }, rejected("not-yet-valid")],
      [{ iat: undefined }, rejected("claims")],
      [{ nbf: seconds + 6 }, rejected("not-yet-valid")],
      [{ sub: undefined }, rejected("claims")],
      [{ sub: "" }, rejected("claims")],
      [{ realm_access: { roles: "admin" } }, rejected("claims")],
      [{ cnf: { jkt: "sidik-jari" } }, rejected("sender-constrained")],
    ];
    for (const [changes, expected] of cases) {
      const wrong = await issuer.sign(key, "satu", changes);
      assert.deepEqual(await verify(wrong), expected, JSON.stringify(changes));
    }
  });

  it("gives a token without realm roles no role", async () => {
    const verification = await verify(await issuer.sign(key, "satu", { realm_access: undefined }));
    assert(verification.kind === "verified");
    assert.equal(verification.caller.roles.size, 0);
  });

  it("refuses an algorithm that the key is not published for", async () => {
    const [, payload, signature] = token.split(".");
    const header = btoa(JSON.stringify({ alg: "EdDSA", kid: "satu", typ: "JWT" })).replaceAll("=", "");
    assert.deepEqual(await verify(`${header}.${payload}.${signature}`), rejected("algorithm"));
  });

  it("refuses a header with extensions that must be understood", async () => {
    const critical = await new SignJWT(issuer.claims())
      .setProtectedHeader({ alg: "ES256", kid: "satu", typ: "JWT", crit: ["b64"], b64: true }).sign(key);
    assert.deepEqual(await verify(critical), rejected("malformed"));
  });

  it("looks at no signature before the claims fit", async () => {
    const unsigned = `${(await issuer.sign(key, "satu", { aud: "lain" })).split(".").slice(0, 2).join(".")}.`;
    assert.deepEqual(await verify(unsigned), rejected("audience"));
  });

  function open(changes: Partial<typeof LIMITS> = {}, random = 0): Identity["verify"] {
    const limits = { ...LIMITS, ...changes };
    const expected = { issuer: issuer.issuer, audience: "gateway", clients: new Set(["auth-service"]) };
    const keys = new KeySet(issuer.provider(), limits, issuer.now);
    return createVerification({ keys, expected, limits, now: issuer.now, random: () => random });
  }
});

const rejected = (reason: (Verification & { kind: "rejected" })["reason"]): Verification => ({
  kind: "rejected",
  reason,
});
