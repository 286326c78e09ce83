import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { REALM_FILE } from "./realm.ts";

/** Which realm the data holds: none yet, the present file with the present secrets, or another. */
export async function realmIn(data: string, variables: Variables): Promise<"none" | "same" | "other"> {
  const file = fingerprintFile(data);
  if (!existsSync(file)) return "none";
  return await Deno.readTextFile(file) === await fingerprint(variables) ? "same" : "other";
}

/** Empties the folder for an import of the present realm, and makes a new password for the admin. */
export async function beginAnew(data: string, variables: Variables): Promise<void> {
  await Deno.remove(data, { recursive: true });
  await Deno.mkdir(data, { mode: 0o700 });
  await Deno.writeTextFile(passwordFile(data), randomBytes(24).toString("base64url"), { mode: 0o600 });
  // Last, so that a start that was interrupted here begins anew.
  await Deno.writeTextFile(fingerprintFile(data), await fingerprint(variables), { mode: 0o600 });
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
const fingerprintFile = (data: string) => join(data, "realm.sha256");

type Variables = Readonly<Record<string, string>>;
