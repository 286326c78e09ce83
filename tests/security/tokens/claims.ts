import { type Attack, encode, KID, type Kit, parts, signature, token, TRUSTED } from "./forge.ts";

/** To name the attacks, before there is a provider. */
const NOBODY: Kit = {
  good: "",
  idToken: "",
  refreshToken: "",
  claims: {},
  published: { kid: "" },
  lure: "",
};

/**
 * Tokens that a published key signed, right in all but one claim: a provider that was talked into issuing them, or
 * issued them for something else.
 */
export const CLAIM_ATTACKS: readonly Attack[] = [
  ...wrong("issuer", "iss", "issuer", ({ claims: { iss = "" } }) => ({
    "another host": "https://lain.invalid/realms/gov-realm",
    "another realm": iss.replace("gov-realm", "master"),
    "the right one with a slash": `${iss}/`,
    "the right one in capitals": iss.toUpperCase(),
    "the beginning of another": `${iss}-lain`,
    "a way round to the right one": iss.replace("/realms/", "/realms/../realms/"),
    "nothing": undefined,
  })),
  ...wrong(
    "issuer",
    "iss",
    "claims",
    ({ claims: { iss } }) => ({ "a list": [iss], "a number": 1, "null": null }),
  ),
  ...wrong("audience", "aud", "audience", () => ({
    "another service": "lain",
    "another service among several": ["lain", "account"],
    "the right one in capitals": "GATEWAY",
    "the beginning of the right one": "gate",
    "the right one in a longer one": ["gateway-lain", "xgateway"],
    "no service": [],
    "nothing": undefined,
  })),
  ...wrong("audience", "aud", "claims", () => ({
    "an object": { gateway: true },
    "a list of lists": [["gateway"]],
    "null": null,
  })),
  ...wrong("client", "azp", "client", () => ({
    "another client": "lain",
    "the client that manages users": "auth-admin",
    "the right one in capitals": "Portal",
    "empty": "",
    "nothing": undefined,
  })),
  ...wrong("client", "azp", "claims", () => ({ "a list": ["portal"], "null": null })),
  ...wrong("type", "typ", "type", () => ({
    "an ID token": "ID",
    "a refresh token": "Refresh",
    "an offline token": "Offline",
    "a logout token": "Logout",
    "small letters": "bearer",
    "capitals": "BEARER",
    "one with a space": "Bearer ",
    "nothing": undefined,
  })),
  ...["jwt", "JWE", "JOSE", "logout+jwt", "dpop+jwt", "AT+JWT", "application/at+jwt", "", 1].map((
    typ,
  ): Attack => ({
    name: `a header of the type ${JSON.stringify(typ)}`,
    reason: "malformed",
    forge: ({ claims }) => token(claims, { typ }),
  })),
  ...wrong("end", "exp", "expired", ({ claims: { iat = 0 } }) => ({
    "an hour ago": iat - 3_600,
    "six seconds ago": iat - 6,
    "at the beginning of time": 0,
    "before the beginning of time": -1,
    "as far back as a number goes": -1e308,
  })),
  ...wrong("end", "exp", "lifetime", ({ claims: { iat = 0 } }) => ({
    "in a year": iat + 31_536_000,
    "in milliseconds": iat * 1000,
    "beyond every date": 8.64e15,
    "as far as a number goes": 1.7e308,
  })),
  ...wrong("end", "exp", "claims", ({ claims: { exp = 0 } }) => ({
    "a text": String(exp),
    "a date": new Date(exp * 1000).toISOString(),
    "a word": "besok",
    "the word NaN": "NaN",
    "the word Infinity": "Infinity",
    "true": true,
    "null": null,
    "a list": [exp],
    "nothing": undefined,
  })),
  {
    name: "a token that ends at a number too large for any parser",
    reason: "claims",
    forge: ({ claims }) => signed(JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e999')),
  },
  {
    name: "a token that ends at NaN",
    reason: "malformed",
    forge: ({ claims }) => signed(JSON.stringify(claims).replace(/"exp":\d+/, '"exp":NaN')),
  },
  ...wrong("beginning", "nbf", "not-yet-valid", ({ claims: { exp = 0 } }) => ({
    "in a minute": exp - 240,
    "as far as a number goes": 1.7e308,
  })),
  ...wrong("beginning", "nbf", "claims", ({ claims: { iat = 0 } }) => ({
    "a text": String(iat),
    "a word": "kemarin",
    "null": null,
    "a list": [iat],
  })),
  ...wrong("issue", "iat", "not-yet-valid", ({ claims: { exp = 0 } }) => ({ "in a minute": exp - 240 })),
  ...wrong("issue", "iat", "lifetime", ({ claims: { iat = 0 } }) => ({
    "a day ago": iat - 86_400,
    "at the beginning of time": 0,
    "before the beginning of time": -1,
    "as far back as a number goes": -1e308,
  })),
  ...wrong("issue", "iat", "claims", ({ claims: { iat = 0 } }) => ({
    "a text": String(iat),
    "null": null,
    "nothing": undefined,
  })),
  ...wrong("subject", "sub", "claims", ({ claims: { sub = "" } }) => ({
    "nothing": undefined,
    "empty": "",
    "null": null,
    "a number": 0,
    "a list": [sub],
    "a line break for the log": `${sub}\n{"event":"login"}`,
    "a thousand characters": "s".repeat(1_000),
  })),
  ...wrong("roles", "realm_access", "claims", () => ({
    "a text": "admin",
    "a list": ["admin"],
    "roles as one text": { roles: "admin" },
    "roles as an object": { roles: { admin: true } },
    "null": null,
  })),
  ...wrong("province", "provinsi", "claims", () => ({
    "none that exists": "99",
    "empty": "",
    "a code with a space": " 32",
    "a number": 32,
    "a list": ["32"],
    "null": null,
    "a star": "*",
  })),
  ...wrong("confirmation", "cnf", "sender-constrained", () => ({
    "a key of DPoP": { jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" },
    "a certificate": { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" },
    "a key itself": { jwk: { kty: "EC" } },
    "empty": {},
    "null": null,
  })),
  ...["sub", "azp", "exp", "typ"].map((name): Attack => ({
    name: `a payload that says "${name}" twice`,
    reason: "malformed",
    forge: ({ claims }) => signed(JSON.stringify(claims).replace("{", `{"${name}":"lain",`)),
  })),
  {
    name: "a payload that says a member twice, once in an escape",
    reason: "malformed",
    forge: ({ claims }) => signed(JSON.stringify(claims).replace("{", '{"s\\u0075b":"lain",')),
  },
  {
    name: "a payload that says the roles twice",
    reason: "malformed",
    forge: ({ claims }) =>
      signed(
        JSON.stringify({ ...claims, realm_access: 0 }).replace(
          '"realm_access":0',
          '"realm_access":{"roles":["petugas"],"roles":["admin"]}',
        ),
      ),
  },
  { name: "a payload that is a list", reason: "claims", forge: () => signed("[]") },
  ...['"admin"', "1", "null", "", "\u00ff{}", "{}{}"].map((payload): Attack => ({
    name: `a payload that is ${payload || "empty"}`,
    reason: "malformed",
    forge: () => signed(payload),
  })),
  {
    name: "a payload nested a thousand deep",
    reason: "claims",
    forge: () => signed("[".repeat(1_000) + "]".repeat(1_000)),
  },
  {
    name: "a payload whose members are in the prototype",
    reason: "claims",
    forge: ({ claims }) =>
      signed(
        JSON.stringify({ claims: 0 }).replace(
          '"claims":0',
          `"__proto__":${JSON.stringify(claims)}`,
        ),
      ),
  },
  { name: "an ID token", reason: "audience", forge: ({ idToken }) => idToken },
  { name: "a refresh token", reason: "algorithm", forge: ({ refreshToken }) => refreshToken },
  {
    name: "another role under an old signature",
    reason: "signature",
    forge: ({ good, claims }) => {
      const [header, , old] = parts(good);
      return `${header}.${encode({ ...claims, realm_access: { roles: ["admin"] } })}.${old}`;
    },
  },
];

/** One attack for each value of a claim. */
function wrong(
  what: string,
  claim: string,
  reason: Attack["reason"],
  values: (kit: Kit) => Readonly<Record<string, unknown>>,
): Attack[] {
  return Object.keys(values(NOBODY)).map((name) => ({
    name: `a token whose ${what} is ${name}`,
    reason,
    forge: (kit) => token({ ...kit.claims, [claim]: values(kit)[name] }),
  }));
}

function signed(payload: string): string {
  const content = `${encode({ alg: "RS256", typ: "JWT", kid: KID.trusted })}.${encode(payload)}`;
  return `${content}.${signature(content, TRUSTED)}`;
}
