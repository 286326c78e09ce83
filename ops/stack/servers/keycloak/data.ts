import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { REALM_FILE } from "./realm.ts";

/** Which realm the database holds: none that can be relied on, the present file with the present secrets, or another. */
export async function realmIn(data: string, variables: Variables): Promise<"none" | "same" | "other"> {
  const file = importedFile(data);
  if (!existsSync(file)) return "none";
  return await Deno.readTextFile(file) === await fingerprint(variables) ? "same" : "other";
}

/** Notes that the present realm goes into an empty database: were that interrupted, it would begin again. */
export async function noteImporting(data: string, variables: Variables): Promise<void> {
  if (existsSync(importedFile(data))) await Deno.remove(importedFile(data));
  await Deno.writeTextFile(importingFile(data), await fingerprint(variables), { mode: 0o600 });
}

/** Notes that Keycloak serves the realm, with the users that were carried over. */
export async function noteImported(data: string): Promise<void> {
  if (!existsSync(importingFile(data))) return;
  await Deno.rename(importingFile(data), importedFile(data));
  if (existsSync(carriedFile(data))) await Deno.remove(carriedFile(data));
}

/** The realm that was, with users and password hashes, from its export until they are in the new one. */
export function carriedFile(data: string): string {
  return join(data, "carried-realm.json");
}

/** Makes the passwords of Keycloak's first admin and of its role in the database, unless they are there. */
export async function ensurePasswords(data: string): Promise<void> {
  for (const file of [passwordFile(data), databasePasswordFile(data)]) {
    if (existsSync(file)) continue;
    await Deno.writeTextFile(file, randomBytes(24).toString("base64url"), { mode: 0o600 });
  }
}

/** Of the admin whom Keycloak makes at its first start. */
export function adminPassword(data: string): string {
  return Deno.readTextFileSync(passwordFile(data));
}

export function databasePassword(data: string): string {
  return Deno.readTextFileSync(databasePasswordFile(data));
}

async function fingerprint(variables: Variables): Promise<string> {
  const realm = await Deno.readTextFile(REALM_FILE);
  return createHash("sha256").update(JSON.stringify([realm, variables])).digest("hex");
}

const passwordFile = (data: string) => join(data, "admin-password");
const databasePasswordFile = (data: string) => join(data, "database-password");
const importingFile = (data: string) => join(data, "importing.sha256");
const importedFile = (data: string) => join(data, "imported.sha256");

type Variables = Readonly<Record<string, string>>;
