import { realmVariables } from "../../ops/stack/servers/keycloak/realm.ts";
import realmFile from "../../ops/keycloak/gov-realm-realm.json" with { type: "json" };
import type { ServedRealm } from "../contract/user_directory_realm.ts";
import type { KeycloakAdmin } from "./keycloak_admin.ts";
import { variable } from "./variables.ts";

/** A realm of the test's own, made of the repository's file as it stands, with all its users. */
export async function ownRealm(admin: KeycloakAdmin): Promise<ServedRealm> {
  const variables = realmVariables(variable);
  // Over the admin API Keycloak fills in no variables.
  const filled = JSON.stringify(realmFile).replace(
    /\$\{(GOV_\w+)\}/g,
    (_, name: string) => variables[name] ?? "",
  );
  const realm = await admin.makeRealm(() => JSON.parse(filled));
  return {
    url: admin.url,
    realm,
    issuer: `${admin.url}/realms/${realm}`,
    fetch: (request) => fetch(request),
    secret: variable,
    close: () => admin.removeRealm(realm),
  };
}
