import { Buffer } from "node:buffer";
import { constants, createHash, createPublicKey, sign } from "node:crypto";
import {
  type Attack,
  CURVE,
  EDWARDS,
  encode,
  hmac,
  KID,
  type Kit,
  parts,
  SHORT,
  signature,
  STRANGER,
  token,
  TRUSTED,
} from "./forge.ts";

/** RFC 8725, 2.1 and 3.1: the attacker chooses the algorithm, or makes a signature without the key. */
export const ALGORITHM_ATTACKS: readonly Attack[] = [
  ...["none", "None", "NONE", "nOnE", "none ", "", "rs256", "RS256 ", "undefined"].map((alg): Attack => ({
    name: `the algorithm "${alg}" without a signature`,
    reason: "algorithm",
    forge: (kit) => unsigned(kit, { alg }),
  })),
  {
    name: 'the algorithm "none" over a good signature',
    reason: "algorithm",
    forge: ({ good, claims, published }) =>
      `${encode({ alg: "none", typ: "JWT", kid: published.kid })}.${encode(claims)}.${parts(good)[2]}`,
  },
  ...[null, 256, ["RS256"], { name: "RS256" }, true].map((alg): Attack => ({
    name: `the algorithm ${JSON.stringify(alg)}, which is no text,`,
    reason: "malformed",
    forge: ({ claims }) => token(claims, { alg }),
  })),
  {
    name: "a header without an algorithm",
    reason: "malformed",
    forge: (kit) => unsigned(kit, { alg: undefined }),
  },
  ...["HS256", "HS384", "HS512"].map((alg): Attack => ({
    name: `an ${alg} under the public key as PEM`,
    reason: "algorithm",
    forge: (kit) => hmac(kit.claims, { alg, kid: kit.published.kid }, pemOf(kit)),
  })),
  {
    name: "an HS256 under the public key as PEM without its last line break",
    reason: "algorithm",
    forge: (kit) => hmac(kit.claims, { alg: "HS256", kid: kit.published.kid }, pemOf(kit).trim()),
  },
  {
    name: "an HS256 under the public key as JWK",
    reason: "algorithm",
    forge: ({ claims, published }) =>
      hmac(claims, { alg: "HS256", kid: published.kid }, JSON.stringify(published)),
  },
  {
    name: "an HS256 under the modulus of the public key",
    reason: "algorithm",
    forge: ({ claims, published }) =>
      hmac(claims, { alg: "HS256", kid: published.kid }, Buffer.from(published.n ?? "", "base64url")),
  },
  ...["", "rahasia", "secret"].map((secret): Attack => ({
    name: `an HS256 under the secret "${secret}"`,
    reason: "algorithm",
    forge: ({ claims, published }) => hmac(claims, { alg: "HS256", kid: published.kid }, secret),
  })),
  ...[["RS384", "sha384"], ["RS512", "sha512"]].map(([alg, digest]): Attack => ({
    name: `an ${alg} by a key that is published for RS256`,
    reason: "algorithm",
    forge: ({ claims }) => {
      const content = `${encode({ alg, typ: "JWT", kid: KID.trusted })}.${encode(claims)}`;
      return `${content}.${signature(content, TRUSTED, digest)}`;
    },
  })),
  {
    name: "a PS256 by a key that is published for RS256",
    reason: "algorithm",
    forge: ({ claims }) => pss(`${encode({ alg: "PS256", typ: "JWT", kid: KID.trusted })}.${encode(claims)}`),
  },
  {
    name: "a PSS signature that calls itself RS256",
    reason: "signature",
    forge: ({ claims }) => pss(contentOf(claims)),
  },
  {
    name: "a SHA-1 signature that calls itself RS256",
    reason: "signature",
    forge: ({ claims }) => `${contentOf(claims)}.${signature(contentOf(claims), TRUSTED, "sha1")}`,
  },
  {
    name: "an ES256 under the name of an RSA key",
    reason: "algorithm",
    forge: ({ claims, published }) => token(claims, { alg: "ES256", kid: published.kid }, CURVE),
  },
  {
    name: "an EdDSA under the name of an RSA key",
    reason: "algorithm",
    forge: ({ claims, published }) => token(claims, { alg: "EdDSA", kid: published.kid }, EDWARDS),
  },
  {
    name: "an RS256 under the name of an elliptic key",
    reason: "algorithm",
    forge: ({ claims }) => token(claims, { kid: KID.curve }),
  },
  {
    name: "an ES256 whose r and s are zero (CVE-2022-21449)",
    reason: "signature",
    forge: ({ claims }) => `${elliptic(claims)}.${Buffer.alloc(64).toString("base64url")}`,
  },
  {
    name: "an ES256 in DER",
    reason: "signature",
    forge: ({ claims }) =>
      `${elliptic(claims)}.${sign("sha256", Buffer.from(elliptic(claims)), CURVE).toString("base64url")}`,
  },
  {
    name: "an RS256 by a published key of 1,024 bits",
    reason: "unknown-key",
    forge: ({ claims }) => token(claims, { kid: KID.short }, SHORT),
  },
  {
    name: "a cube root in place of an RS256 (Bleichenbacher 2006)",
    reason: "unknown-key",
    forge: ({ claims }) => `${contentOf(claims, KID.cube)}.${cubeRoot(contentOf(claims, KID.cube))}`,
  },
  ...[
    ["zero", () => 0n],
    ["one", () => 1n],
    ["the modulus", (n: bigint) => n],
    ["the modulus less one", (n: bigint) => n - 1n],
    ["all ones", () => (1n << 2048n) - 1n],
  ].map(([name, number]): Attack => ({
    name: `an RS256 that is ${name}`,
    reason: "signature",
    forge: ({ claims }) =>
      `${contentOf(claims)}.${bytes(typeof number === "function" ? number(modulus()) : 0n)}`,
  })),
  {
    name: "a good RS256 with a zero byte before it",
    reason: "signature",
    forge: ({ good }) => resigned(good, (old) => Buffer.concat([Buffer.alloc(1), old])),
  },
  {
    name: "a good RS256 with a byte behind it",
    reason: "signature",
    forge: ({ good }) => resigned(good, (old) => Buffer.concat([old, Buffer.from([1])])),
  },
  {
    name: "the padded digest itself, for exponent one",
    reason: "signature",
    forge: ({ claims }) =>
      `${contentOf(claims)}.${Buffer.concat([padding(202), info(contentOf(claims))]).toString("base64url")}`,
  },
  {
    name: "a signature by a stranger's key under a published name",
    reason: "signature",
    forge: ({ claims, published }) => token(claims, { kid: published.kid }, STRANGER),
  },
];

function unsigned({ claims, published }: Kit, header: Record<string, unknown>): string {
  return `${encode({ typ: "JWT", kid: published.kid, ...header })}.${encode(claims)}.`;
}

function contentOf(claims: unknown, kid: string = KID.trusted): string {
  return `${encode({ alg: "RS256", typ: "JWT", kid })}.${encode(claims)}`;
}

function elliptic(claims: unknown): string {
  return `${encode({ alg: "ES256", typ: "JWT", kid: KID.curve })}.${encode(claims)}`;
}

function pemOf({ published }: Kit): string {
  return createPublicKey({ key: published, format: "jwk" }).export({ type: "spki", format: "pem" })
    .toString();
}

function pss(content: string): string {
  const key = { key: TRUSTED, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return `${content}.${sign("sha256", Buffer.from(content), key).toString("base64url")}`;
}

function resigned(compact: string, change: (old: Buffer) => Buffer): string {
  const [header, payload, old] = parts(compact);
  return `${header}.${payload}.${change(Buffer.from(old, "base64url")).toString("base64url")}`;
}

function modulus(): bigint {
  const { n = "" } = createPublicKey(TRUSTED).export({ format: "jwk" });
  return BigInt(`0x${Buffer.from(String(n), "base64url").toString("hex")}`);
}

function bytes(number: bigint): string {
  return Buffer.from(number.toString(16).padStart(512, "0"), "hex").toString("base64url");
}

/** RFC 8017, 9.2: what an RS256 signature holds. */
function padding(length: number): Buffer {
  return Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(length, 255), Buffer.from([0])]);
}

function info(content: string): Buffer {
  const digest = createHash("sha256").update(content).digest();
  return Buffer.concat([Buffer.from("3031300d060960864801650304020105000420", "hex"), digest]);
}

/**
 * For a verifier that reads the padding from the left and does not look behind the digest: a number whose cube begins
 * with the right padding and digest.
 */
function cubeRoot(content: string): string {
  const start = Buffer.concat([padding(8), info(content)]);
  const wanted = BigInt(`0x${start.toString("hex")}`) << BigInt(8 * (256 - start.length));
  let [low, high] = [0n, 1n << 700n];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (middle ** 3n < wanted) low = middle + 1n;
    else high = middle;
  }
  return Buffer.from(low.toString(16).padStart(512, "0"), "hex").toString("base64url");
}
