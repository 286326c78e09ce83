import { Buffer } from "node:buffer";
import { createCipheriv, publicEncrypt, randomBytes } from "node:crypto";
import {
  type Attack,
  encode,
  KID,
  type Kit,
  parts,
  signature,
  token,
  TRUSTED,
  TRUSTED_PUBLIC,
} from "./forge.ts";

/** Good tokens that were cut, flipped, padded, wrapped or written in another way. */
export const SHAPE_ATTACKS: readonly Attack[] = [
  ...changed("cut", {
    "after its header": ["malformed", ([header]) => header],
    "after its header and a dot": ["malformed", ([header]) => `${header}.`],
    "after its payload": ["malformed", ([header, payload]) => `${header}.${payload}`],
    "before its signature": ["signature", ([header, payload]) => `${header}.${payload}.`],
    "before its payload": ["malformed", ([, payload, old]) => `.${payload}.${old}`],
    "of its payload": ["malformed", ([header, , old]) => `${header}..${old}`],
    "of all but its signature": ["malformed", ([, , old]) => `..${old}`],
    "of all but its dots": ["malformed", () => ".."],
    "by the last character of its header": [
      "malformed",
      ([header, ...rest]) => join(header.slice(0, -1), ...rest),
    ],
    "by the last character of its payload": [
      "malformed",
      ([header, payload, old]) => join(header, payload.slice(0, -1), old),
    ],
    "by the last character of its signature": [
      "malformed",
      ([header, payload, old]) => join(header, payload, old.slice(0, -1)),
    ],
    "by the last byte of its signature": [
      "signature",
      ([header, payload, old]) => join(header, payload, bytes(old, (all) => all.subarray(0, -1))),
    ],
    "by half of its signature": [
      "signature",
      ([header, payload, old]) => join(header, payload, bytes(old, (all) => all.subarray(0, 128))),
    ],
    "by half of its payload": [
      "malformed",
      ([header, payload, old]) => join(header, bytes(payload, (all) => all.subarray(0, all.length / 2)), old),
    ],
  }),
  ...[0, 1, 1023, 1024, 2046, 2047].map((bit): Attack => ({
    name: `a good token with bit ${bit} of its signature flipped`,
    reason: "signature",
    forge: ({ good }) => {
      const [header, payload, old] = parts(good);
      return join(header, payload, bytes(old, (all) => flip(all, bit)));
    },
  })),
  ...changed("flipped", {
    "in the first bit of its header": [
      "malformed",
      ([header, ...rest]) => join(bytes(header, (all) => flip(all, 0)), ...rest),
    ],
    "in the first bit of its payload": [
      "malformed",
      ([header, payload, old]) => join(header, bytes(payload, (all) => flip(all, 0)), old),
    ],
    "in one digit of its subject": [
      "signature",
      ([header, payload, old]) => join(header, bytes(payload, changeSubject), old),
    ],
    "in the bits that its last character leaves over": [
      "malformed",
      ([header, payload, old]) => join(header, payload, old.slice(0, -1) + nextOf(old.at(-1) ?? "")),
    ],
  }),
  ...changed("padded", {
    "as base64 with =": ["malformed", ([header, payload, old]) => join(header, payload, `${old}==`)],
    "with its signature twice": [
      "malformed",
      ([header, payload, old]) => `${join(header, payload, old)}.${old}`,
    ],
    "with a dot before it": ["malformed", (all) => `.${join(...all)}`],
    "with a dot behind it": ["malformed", (all) => `${join(...all)}.`],
    "to 10 KiB": ["too-long", (all) => join(...all) + "A".repeat(10 * 1024 - join(...all).length)],
    "to one character too many": ["too-long", (all) => join(...all).padEnd(4_097, "A")],
    "with itself": ["malformed", (all) => `${join(...all)}.${join(...all)}`],
  }),
  ...changed("written", {
    "with a space in its payload": [
      "malformed",
      ([header, payload, old]) => join(header, `${payload.slice(0, 8)} ${payload.slice(8)}`, old),
    ],
    "with a tab before its signature": [
      "malformed",
      ([header, payload, old]) => join(header, payload, `\t${old}`),
    ],
    "with a space before it": ["malformed", (all) => ` ${join(...all)}`],
    "with spaces around its dots": [
      "malformed",
      ([header, payload, old]) => `${header} . ${payload} . ${old}`,
    ],
    "in base64 instead of base64url": [
      "malformed",
      ([header, payload, old]) => join(header, payload, `+/${old.slice(2)}`),
    ],
    "with a letter of another alphabet": [
      "malformed",
      ([header, payload, old]) => join(header, payload, `é${old.slice(1)}`),
    ],
    "in URL encoding": ["malformed", (all) => join(...all).replaceAll(".", "%2e")],
    "with a comma behind it and itself again": ["malformed", (all) => `${join(...all)},${join(...all)}`],
    "in quotes": ["malformed", (all) => `"${join(...all)}"`],
    "in capitals": ["malformed", (all) => join(...all).toUpperCase()],
    "backwards": ["malformed", (all) => [...join(...all)].reverse().join("")],
  }),
  {
    name: "a good token with the header of another",
    reason: "signature",
    forge: ({ good, claims }) => join(parts(token(claims))[0], ...withoutHeader(good)),
  },
  {
    name: "a token in a token (nested JWT)",
    reason: "malformed",
    forge: ({ good }) => {
      const content = `${encode({ alg: "RS256", typ: "JWT", kid: KID.trusted, cty: "JWT" })}.${encode(good)}`;
      return `${content}.${signature(content, TRUSTED)}`;
    },
  },
  { name: "an encrypted token (JWE) under the published key", reason: "malformed", forge: encrypted },
  {
    name: "a token in the JSON form of a JWS",
    reason: "malformed",
    forge: ({ good }) => {
      const [header, payload, old] = parts(good);
      return JSON.stringify({ payload, protected: header, signature: old });
    },
  },
  { name: "a JSON object", reason: "malformed", forge: () => '{"sub":"admin"}' },
  { name: "a password", reason: "malformed", forge: () => "petugas-rahasia" },
  { name: "a session id", reason: "malformed", forge: ({ claims }) => String(claims.sid) },
  {
    name: "a payload that is not UTF-8",
    reason: "malformed",
    forge: ({ claims }) => {
      const payload = bytes(
        encode({ ...claims, x: "_" }),
        (all) => Buffer.from(all.map((byte) => byte === 0x5f ? 0xff : byte)),
      );
      const content = `${encode({ alg: "RS256", typ: "JWT", kid: KID.trusted })}.${payload}`;
      return `${content}.${signature(content, TRUSTED)}`;
    },
  },
  {
    name: "a payload behind a byte order mark",
    reason: "malformed",
    forge: ({ claims }) => {
      const payload = encode(`\ufeff${JSON.stringify(claims)}`);
      const content = `${encode({ alg: "RS256", typ: "JWT", kid: KID.trusted })}.${payload}`;
      return `${content}.${signature(content, TRUSTED)}`;
    },
  },
];

/** One attack for each way to change the parts of a good token. */
function changed(
  how: string,
  ways: Readonly<Record<string, readonly [reason: Attack["reason"], change: (parts: Parts) => string]>>,
): Attack[] {
  return Object.entries(ways).map(([name, [reason, change]]) => ({
    name: `a good token ${how} ${name}`,
    reason,
    forge: ({ good }) => change(parts(good)),
  }));
}

type Parts = ReturnType<typeof parts>;

const join = (...all: readonly string[]) => all.join(".");

function withoutHeader(compact: string): [payload: string, signature: string] {
  const [, payload, old] = parts(compact);
  return [payload, old];
}

function bytes(segment: string, change: (all: Buffer) => Uint8Array): string {
  return Buffer.from(change(Buffer.from(segment, "base64url"))).toString("base64url");
}

function flip(all: Buffer, bit: number): Buffer {
  const flipped = Buffer.from(all);
  const at = bit >> 3;
  flipped[at] = (flipped[at] ?? 0) ^ (0x80 >> (bit & 7));
  return flipped;
}

function changeSubject(payload: Buffer): Buffer {
  const claims = JSON.parse(payload.toString());
  const last = String(claims.sub).at(-1) === "0" ? "1" : "0";
  return Buffer.from(JSON.stringify({ ...claims, sub: String(claims.sub).slice(0, -1) + last }));
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const nextOf = (character: string) => ALPHABET[ALPHABET.indexOf(character) ^ 1] ?? "";

/** RFC 7516: good claims, for whoever holds the private key. */
function encrypted({ claims }: Kit): string {
  const header = encode({ alg: "RSA-OAEP-256", enc: "A256GCM", typ: "JWT", kid: KID.trusted });
  const [key, iv] = [randomBytes(32), randomBytes(12)];
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(header));
  const text = Buffer.concat([cipher.update(JSON.stringify(claims)), cipher.final()]);
  const wrapped = publicEncrypt({ key: TRUSTED_PUBLIC, oaepHash: "sha256" }, key);
  return [header, ...[wrapped, iv, text, cipher.getAuthTag()].map((part) => part.toString("base64url"))].join(
    ".",
  );
}
