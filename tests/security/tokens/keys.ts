import { Buffer } from "node:buffer";
import { type Attack, encode, hmac, signature, STRANGER, STRANGER_JWK, token, TRUSTED } from "./forge.ts";

/** RFC 8725, 2.4 and 3.10: the attacker chooses the key, by its name or by sending it along. */
export const KEY_ATTACKS: readonly Attack[] = [
  ...[
    ["a path out of the key store", "../../../../../../dev/null"],
    ["an absolute path", "/proc/self/environ"],
    ["a path in URL encoding", "..%2f..%2f..%2fdev%2fnull"],
    ["SQL that selects a known key", "' UNION SELECT 'rahasia' -- "],
    ["SQL that is always true", "x' OR '1'='1"],
    ["SQL that drops a table", "x'; DROP TABLE penduduk; --"],
    ["a command", "uji|/usr/bin/id"],
    ["a command substitution", "$(id)"],
    ["a template", "${7*7}"],
    ["a zero byte", "uji\u0000"],
    ["a line break for the log", 'uji\n{"event":"login"}'],
    ["a property of every object", "__proto__"],
    ["another property of every object", "constructor"],
    ["nothing in it", ""],
    ["a space behind a good one", "uji "],
    ["capitals of a good one", "UJI"],
    ["an address", "https://lain.invalid/certs"],
    ["a thousand characters", "u".repeat(1_000)],
  ].map(([name = "", kid]): Attack => ({
    name: `a key name with ${name}`,
    reason: "unknown-key",
    forge: ({ claims }) => token(claims, { kid }, STRANGER),
  })),
  {
    name: "a key name that leads to an empty file, under an empty HMAC secret",
    reason: "algorithm",
    forge: ({ claims }) => hmac(claims, { alg: "HS256", kid: "../../../../../../dev/null" }, ""),
  },
  {
    name: "a signature without the name of its key",
    reason: "unknown-key",
    forge: ({ claims }) => token(claims, { kid: undefined }),
  },
  ...[7, null, ["uji"], { kid: "uji" }, true].map((kid): Attack => ({
    name: `the key name ${JSON.stringify(kid)}, which is no text,`,
    reason: "malformed",
    forge: ({ claims }) => token(claims, { kid }),
  })),
  ...(["uji", "asing"] as const).flatMap((kid): Attack[] => [
    {
      name: `a stranger's key as jwk, called "${kid}"`,
      reason: "malformed",
      forge: ({ claims }) => token(claims, { kid, jwk: { ...STRANGER_JWK, kid } }, STRANGER),
    },
    {
      name: `a stranger's keys under a jku, called "${kid}"`,
      reason: "malformed",
      forge: ({ claims, lure }) => token(claims, { kid, jku: `${lure}/jwks` }, STRANGER),
    },
    {
      name: `a stranger's certificate under an x5u, called "${kid}"`,
      reason: "malformed",
      forge: ({ claims, lure }) => token(claims, { kid, x5u: `${lure}/x5u` }, STRANGER),
    },
    {
      name: `a stranger's certificate as x5c, called "${kid}"`,
      reason: "malformed",
      forge: ({ claims }) =>
        token(claims, { kid, x5c: [Buffer.from("sertifikat").toString("base64")] }, STRANGER),
    },
  ]),
  {
    name: "a jku that begins with the provider's own address",
    reason: "malformed",
    forge: ({ claims, lure }) => token(claims, { jku: `${claims.iss}@${new URL(lure).host}/jwks` }, STRANGER),
  },
  {
    name: "a jku that leads to the cloud's own metadata",
    reason: "malformed",
    forge: ({ claims }) => token(claims, { jku: "http://169.254.169.254/latest/meta-data/" }, STRANGER),
  },
  {
    name: "a jku of an address on this disk",
    reason: "malformed",
    forge: ({ claims }) => token(claims, { jku: "file:///etc/passwd" }, STRANGER),
  },
  {
    name: "a signature by a key that the provider does not publish",
    reason: "unknown-key",
    forge: ({ claims }) => token(claims, { kid: "asing" }, STRANGER),
  },
  ...[
    ["that must be understood and is not", { crit: ["uji"], uji: true }],
    ["that must be understood and is known anyway", { crit: ["exp"] }],
    ["of no extension", { crit: [] }],
    ["that is no list", { crit: "exp" }],
    ["that takes the payload as it is (RFC 7797)", { crit: ["b64"], b64: false }],
  ].map(([name, header]): Attack => ({
    name: `a crit ${name}`,
    reason: "malformed",
    forge: ({ claims }) => token(claims, typeof header === "object" ? header : {}),
  })),
  {
    name: "a payload as it is without a crit",
    reason: "malformed",
    forge: ({ claims }) => token(claims, { b64: false }),
  },
  {
    name: "a header that says two key names",
    reason: "malformed",
    forge: ({ claims, published }) => {
      const header = encode(
        `{"alg":"RS256","typ":"JWT","kid":"asing","kid":${JSON.stringify(published.kid)}}`,
      );
      const content = `${header}.${encode(claims)}`;
      return `${content}.${signature(content, TRUSTED)}`;
    },
  },
];
