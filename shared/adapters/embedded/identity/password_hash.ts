import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import pLimit from "p-limit";

/** `scrypt$<log2 of N>$<salt>$<hash>`: says by itself how to check it. `work` is log2 of scrypt's N. */
export async function hashPassword(password: string, work: number): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, work);
  return ["scrypt", work, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

export async function matchesHash(password: string, stored: string): Promise<boolean> {
  const [, work, salt, hash] = stored.match(/^scrypt\$(\d{1,2})\$([\w-]+)\$([\w-]+)$/) ?? [];
  if (work === undefined || salt === undefined || hash === undefined) {
    throw new Error("Cannot read a stored password: its form is not known");
  }
  const derived = await derive(password, Buffer.from(salt, "base64url"), Number(work));
  return timingSafeEqual(derived, Buffer.from(hash, "base64url"));
}

/** 16 MiB each (RFC 7914: 128 · N · r): no more than a few at once, however many log in. */
const atOnce = pLimit(4);

function derive(password: string, salt: Uint8Array, work: number): Promise<Buffer> {
  return atOnce(() =>
    new Promise((resolve, reject) => {
      scrypt(password.normalize("NFC"), salt, 32, { N: 2 ** work, r: 8, p: 1 }, (error, key) => {
        if (error) reject(error);
        else resolve(key);
      });
    })
  );
}
