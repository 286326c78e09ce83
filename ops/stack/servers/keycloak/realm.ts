import { join } from "node:path";
import { StackError } from "../../stack.ts";

export const REALM_FILE = join(import.meta.dirname ?? "", "../../../keycloak/gov-realm-realm.json");

/**
 * A value for every `${VARIABLE}` of the realm file. Throws `StackError` for one without: Keycloak would take the
 * reference itself, which everybody can read in this repository, for the secret.
 */
export function realmVariables(
  secret: (name: string) => string | undefined,
  realm: string = Deno.readTextFileSync(REALM_FILE),
): Readonly<Record<string, string>> {
  const names = new Set(Array.from(realm.matchAll(/\$\{([A-Z][A-Z0-9_]*)\}/g), ([, name = ""]) => name));
  const values = Array.from(names, (name) => [name, secret(name) ?? ""] as const);
  const unset = values.filter(([, value]) => value === "" || value.includes("${")).map(([name]) => name);
  if (unset.length > 0) {
    throw new StackError(
      `The realm file refers to ${unset.join(", ")}: set ${unset.length > 1 ? "them" : "it"}`,
    );
  }
  return Object.fromEntries(values);
}
