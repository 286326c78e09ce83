import { readEnvironment } from "../../../shared/config/environment.ts";
import { stackVariables } from "../../../shared/config/stack_file.ts";
import type { ServedRealm } from "../../contract/user_directory_realm.ts";
import { KeycloakAdmin } from "../../stack/keycloak_admin.ts";
import { ownRealm } from "../../stack/keycloak_realm.ts";

/** A realm of the test's own at the Keycloak of `deno task stack up`. */
export async function openKeycloakRealm(): Promise<ServedRealm> {
  const variables = await stackVariables(readEnvironment());
  return await ownRealm(new KeycloakAdmin((name) => variables[name] ?? ""));
}
