import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { REALM_FILE } from "./realm.ts";

/** Which realm the data holds: none yet, the present file with the present secrets, or another. */
export async function realmIn(data: string, variables: Variables): Promise<"none" | "same" | "other"> {
  const file = importedFile(data);
  if (!existsSync(file)) return "none";
  return await Deno.readTextFile(file) === await fingerprint(variables) ? "same" : "other";
}

/** Empties the folder for an import of the present realm, and makes a new password for the admin. */
export async function beginAnew(data: string, variables: Variables): Promise<void> {
  await Deno.remove(data, { recursive: true });
  await Deno.mkdir(data, { mode: 0o700 });
  await Deno.writeTextFile(passwordFile(data), randomBytes(24).toString("base64url"), { mode: 0o600 });
  await Deno.writeTextFile(importingFile(data), await fingerprint(variables), { mode: 0o600 });
}

/** Notes that Keycloak serves the realm: data of a first start that was interrupted cannot be relied on. */
export async function noteImported(data: string): Promise<void> {
  if (existsSync(importingFile(data))) await Deno.rename(importingFile(data), importedFile(data));
}

/** Of the admin whom Keycloak makes at its first start. */
export function adminPassword(data: string): string {
  return Deno.readTextFileSync(passwordFile(data));
}

async function fingerprint(variables: Variables): Promise<string> {
  const realm = await Deno.readTextFile(REALM_FILE);
  return createHash("sha256").update(JSON.stringify([realm, variables])).digest("hex");
}

const passwordFile = (data: string) => join(data, "admin-password");
const importingFile = (data: string) => join(data, "importing.sha256");
const importedFile = (data: string) => join(data, "imported.sha256");

type Variables = Readonly<Record<string, string>>;
