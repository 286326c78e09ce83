import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { compactDecrypt, CompactEncrypt, type CompactJWEHeaderParameters } from "jose";
import { acceptableNama, syntheticNik, toNik } from "../penduduk/testing.ts";
import { activeKey, generateKeys, type KeyRing, parseKeys } from "../security/key_ring.ts";
import { openPersonal, type Personal, sealPersonal } from "./sealed.ts";

const NOW = new Date("2026-11-22T05:00:00Z");
const PERSONAL: Personal = { nik: toNik("3171014108909999"), nama: "Warga Sintetis" };
const ring = newRing();

describe("sealPersonal", () => {
  it("writes a JWE that jose reads, with algorithm and key id in its header", async () => {
    const { plaintext, protectedHeader } = await compactDecrypt(
      sealPersonal(PERSONAL, ring),
      activeKey(ring),
    );
    assert.deepEqual(protectedHeader, { alg: "dir", enc: "A256GCM", kid: "2026-11" });
    assert.deepEqual(JSON.parse(new TextDecoder().decode(plaintext)), PERSONAL);
  });

  it("is undone by openPersonal", () => {
    fc.assert(fc.property(syntheticNik(NOW), acceptableNama(), ({ text }, nama) => {
      const personal = { nik: toNik(text), nama };
      assert.deepEqual(openPersonal(sealPersonal(personal, ring), ring), { kind: "opened", personal });
    }));
  });

  it("seals number and name only, whatever else the object carries", () => {
    const opened = openPersonal(sealPersonal({ ...PERSONAL, ...{ alamat: "Jl. Contoh" } }, ring), ring);
    assert.deepEqual(opened, { kind: "opened", personal: PERSONAL });
  });

  it("never writes the same text twice", () => {
    assert.notEqual(sealPersonal(PERSONAL, ring), sealPersonal(PERSONAL, ring));
  });
});

describe("openPersonal", () => {
  it("reads what jose sealed", async () => {
    assert.deepEqual(openPersonal(await joseSeal(PERSONAL), ring), { kind: "opened", personal: PERSONAL });
  });

  it("reads with an older key of the ring", () => {
    const sealed = sealPersonal(PERSONAL, ring);
    const rotated = { active: "2026-12", keys: new Map([...ring.keys, ["2026-12", new Uint8Array(32)]]) };
    assert.deepEqual(openPersonal(sealed, rotated), { kind: "opened", personal: PERSONAL });
    assert.deepEqual(openPersonal(sealPersonal(PERSONAL, rotated), ring), unreadable("unknown-key"));
  });

  it("finds every altered character", () => {
    const sealed = sealPersonal(PERSONAL, ring);
    for (let at = 0; at < sealed.length; at++) {
      const altered = `${sealed.slice(0, at)}${sealed[at] === "A" ? "Q" : "A"}${sealed.slice(at + 1)}`;
      assert.equal(openPersonal(altered, ring).kind, "unreadable", `character ${at}`);
    }
  });

  it("refuses another key under the same id, and parts of another text", () => {
    const sealed = sealPersonal(PERSONAL, ring);
    assert.deepEqual(openPersonal(sealed, newRing()), unreadable("tampered"));
    const others = sealPersonal(PERSONAL, ring).split(".");
    const mixed = sealed.split(".").map((part, i) => i === 3 ? others[i] : part).join(".");
    assert.deepEqual(openPersonal(mixed, ring), unreadable("tampered"));
  });

  it("refuses a shortened tag or nonce", () => {
    const [header, , nonce = "", text, tag = ""] = sealPersonal(PERSONAL, ring).split(".");
    for (let length = 0; length < tag.length; length++) {
      assert.deepEqual(
        openPersonal([header, "", nonce, text, tag.slice(0, length)].join("."), ring),
        unreadable("malformed"),
      );
    }
    assert.deepEqual(
      openPersonal([header, "", nonce.slice(0, 12), text, tag].join("."), ring),
      unreadable("malformed"),
    );
  });

  it("refuses other algorithms, compression and critical extensions", async () => {
    const jwe = sealPersonal(PERSONAL, ring).split(".").slice(1).join(".");
    for (
      const fields of [
        { alg: "none", enc: "A256GCM", kid: "2026-11" },
        { alg: "dir", enc: "A128GCM", kid: "2026-11" },
        { alg: "dir", enc: "A256GCM" },
        { alg: "dir", enc: "A256GCM", kid: "2026-11", zip: "DEF" },
        { alg: "dir", enc: "A256GCM", kid: "2026-11", crit: ["exp"], exp: 1 },
        [],
        null,
      ]
    ) {
      const header = new TextEncoder().encode(JSON.stringify(fields)).toBase64({
        alphabet: "base64url",
        omitPadding: true,
      });
      assert.deepEqual(openPersonal(`${header}.${jwe}`, ring), unreadable("algorithm"));
    }
    const extended = await joseSeal(PERSONAL, { typ: "JWT" });
    assert.deepEqual(openPersonal(extended, ring), unreadable("algorithm"));
  });

  it("refuses contents that sealPersonal never writes", async () => {
    const { nik, nama } = PERSONAL;
    for (
      const content of ["x", null, [], {}, { nik }, { nama }, { nik: "1", nama }, { nik: 1, nama }, {
        nik,
        nama: 1,
      }]
    ) {
      assert.deepEqual(openPersonal(await joseSeal(content), ring), unreadable("content"));
    }
  });

  it("answers for any text", () => {
    const shape = fc.stringMatching(/^[\w-]{0,40}\.[\w-]{0,3}\.[\w-]{14,18}\.[\w-]{0,40}\.[\w-]{20,24}$/);
    fc.assert(fc.property(fc.oneof(fc.string(), shape), (text) => {
      assert.equal(openPersonal(text, ring).kind, "unreadable");
    }));
  });
});

function newRing(): KeyRing {
  return parseKeys(generateKeys(NOW)).events;
}

function joseSeal(content: unknown, extra: Partial<CompactJWEHeaderParameters> = {}): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(content)))
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: ring.active, ...extra })
    .encrypt(activeKey(ring));
}

function unreadable(reason: string) {
  return { kind: "unreadable", reason };
}
