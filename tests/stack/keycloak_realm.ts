import { realmVariables } from "../../ops/stack/servers/keycloak/realm.ts";
import realmFile from "../../ops/keycloak/gov-realm-realm.json" with { type: "json" };
import { DEVELOPMENT_SECRETS } from "../../shared/adapters/embedded/identity/development_secrets.ts";
import type { ServedRealm } from "../contract/user_directory_realm.ts";
import type { KeycloakAdmin } from "./keycloak_admin.ts";

/** A realm of the test's own, made of the repository's file as it stands or as `change` leaves it, with all its users. */
export async function ownRealm(
  admin: KeycloakAdmin,
  change: (realm: typeof realmFile) => object = (realm) => realm,
): Promise<ServedRealm> {
  const secrets = realmVariables((name) => DEVELOPMENT_SECRETS[name]);
  // Over the admin API Keycloak fills in no variables.
  const filled = JSON.stringify(change(realmFile)).replace(
    /\$\{(GOV_\w+)\}/g,
    (_, name: string) => secrets[name] ?? "",
  );
  const realm = await admin.makeRealm(() => JSON.parse(filled));
  return {
    url: admin.url,
    realm,
    issuer: `${admin.url}/realms/${realm}`,
    fetch: (request) => fetch(request),
    secret: (name) => secrets[name] ?? "",
    close: () => admin.removeRealm(realm),
  };
}
