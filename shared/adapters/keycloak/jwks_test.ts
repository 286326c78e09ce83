import { beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { exportJWK } from "jose";
import { KeySet } from "./jwks.ts";
import { OUTAGES, TestIssuer } from "./test_issuer.ts";

const LIMITS = { keysFreshMs: 60_000, keysUsableMs: 600_000, keysCooldownMs: 10_000 };
const DEADLINE_MS = 5;

describe("KeySet", () => {
  let issuer: TestIssuer;
  let keys: KeySet;
  const kind = async (kid: string) => (await keys.find(kid)).kind;

  beforeEach(async () => {
    issuer = new TestIssuer();
    await issuer.addKey("satu");
    keys = new KeySet(issuer.provider(DEADLINE_MS), LIMITS, issuer.now);
  });

  it("asks once for all who need the first keys", async () => {
    const found = await Promise.all(Array.from({ length: 100 }, () => kind("satu")));
    assert.deepEqual(new Set(found), new Set(["found"]));
    assert.equal(issuer.asked, 1);
  });

  it("does not ask for a flood of made-up key ids inside the cool-down", async () => {
    await kind("satu");
    issuer.asked = 0;
    const answers = await Promise.all(Array.from({ length: 1_000 }, (_, i) => kind(`palsu-${i}`)));
    assert.deepEqual(new Set(answers), new Set(["unknown"]));
    assert.equal(issuer.asked, 0);
  });

  it("asks once for a flood of made-up key ids after the cool-down", async () => {
    await kind("satu");
    issuer.time += LIMITS.keysCooldownMs;
    issuer.asked = 0;
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => kind(`palsu-${i}`)));
    assert.equal(issuer.asked, 1);
  });

  it("finds a key that was published since, once the cool-down is over", async () => {
    await kind("satu");
    await issuer.addKey("dua");
    assert.equal(await kind("dua"), "unknown");
    issuer.time += LIMITS.keysCooldownMs;
    assert.equal(await kind("dua"), "found");
  });

  it("keeps the object of a key that is still published, and changes it with the key", async () => {
    const before = await keys.find("satu");
    issuer.time += LIMITS.keysCooldownMs;
    await keys.find("belum-ada");
    assert.equal(issuer.asked, 2);
    assert(before.kind === "found");
    const same = await keys.find("satu");
    assert(same.kind === "found" && same.key === before.key);

    issuer.published = [];
    await issuer.addKey("satu");
    issuer.time += LIMITS.keysCooldownMs;
    await keys.find("belum-ada");
    const changed = await keys.find("satu");
    assert(changed.kind === "found" && changed.key !== before.key);
  });

  it("takes no key that is not for signatures, or for an algorithm it does not know", async () => {
    const [good] = issuer.published;
    issuer.published = [
      { ...good, kid: "satu" },
      { ...good, kid: "enkripsi", use: "enc" },
      { ...good, kid: "simetris", kty: "oct", k: "cmFoYXNpYQ", alg: "HS256" },
    ];
    assert.equal(await kind("satu"), "found");
    assert.equal(await kind("enkripsi"), "unknown");
    assert.equal(await kind("simetris"), "unknown");
  });

  for (const [outage, answer] of Object.entries(OUTAGES)) {
    describe(`while the provider ${outage}`, () => {
      it("is unavailable when it never had keys, and asks once per cool-down", async () => {
        issuer.answer = answer;
        assert.equal(await kind("satu"), "unavailable");
        assert.equal(await kind("satu"), "unavailable");
        assert.equal(issuer.asked, 1);
        issuer.time += LIMITS.keysCooldownMs;
        assert.equal(await kind("satu"), "unavailable");
        assert.equal(issuer.asked, 2);
      });

      it("serves the last good keys without waiting, then is unavailable, then recovers", async () => {
        const { answer: up } = issuer;
        await kind("satu");
        issuer.answer = answer;

        issuer.time += LIMITS.keysFreshMs + 1;
        assert.equal(await kind("satu"), "found");
        assert.equal(issuer.asked, 2, "one attempt in the background");
        assert.equal(await kind("tidak-dikenal"), "unavailable", "it may be a new key");

        issuer.time += LIMITS.keysUsableMs;
        assert.equal(await kind("satu"), "unavailable");

        issuer.answer = up;
        issuer.time += LIMITS.keysCooldownMs;
        assert.equal(await kind("satu"), "found");
      });
    });
  }

  it("leaves out keys that are weak or no keys at all, and uses the others", async () => {
    const rsa = async (length: number, exponent: number[]) => {
      const publicExponent = new Uint8Array(exponent);
      const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: length, publicExponent };
      const { publicKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
      return await exportJWK(publicKey);
    };
    const published = { alg: "RS256", use: "sig" };
    issuer.published = [
      { kty: "RSA", kid: "kosong", ...published },
      { ...await rsa(1024, [1, 0, 1]), kid: "pendek", ...published },
      { ...await rsa(2048, [3]), kid: "tiga", ...published },
      { kty: "EC", crv: "P-256", kid: "rusak", alg: "ES256", use: "sig" },
      { kty: "oct", k: "cmFoYXNpYQ", kid: "rahasia", alg: "HS256", use: "sig" },
      { ...await rsa(2048, [1, 0, 1]), kid: "sandi", alg: "RS256", use: "enc" },
      { kty: "RSA" },
      ...issuer.published,
    ];
    for (const kid of ["kosong", "pendek", "tiga", "rusak", "rahasia", "sandi"]) {
      assert.equal(await kind(kid), "unknown", kid);
    }
    assert.equal(await kind("satu"), "found");
  });

  it("does not wait for the attempt in the background", async () => {
    await kind("satu");
    issuer.answer = () => new Promise(() => {});
    const patient = new KeySet(issuer.provider(600_000), LIMITS, issuer.now);
    issuer.answer = () => Response.json({ keys: issuer.published });
    await patient.find("satu");
    issuer.answer = () => new Promise(() => {});
    issuer.time += LIMITS.keysFreshMs + 1;
    assert.equal((await patient.find("satu")).kind, "found");
  });
});
