import { DEVELOPMENT_SECRETS } from "../../shared/adapters/embedded/identity/development_secrets.ts";
import realmFile from "../../ops/keycloak/gov-realm-realm.json" with { type: "json" };
import { identityUserContract } from "../contract/identity_user_contract.ts";
import { KeycloakAdmin } from "./keycloak_admin.ts";

const USERS = ["petugas-jabar", "service-account-auth-admin"];

identityUserContract("Keycloak", async () => {
  const admin = new KeycloakAdmin();
  const users = realmFile.users.filter(({ username }) => USERS.includes(username));
  const name = await admin.makeRealm((file) => filled({ ...file, users }));
  return {
    issuer: `${admin.url}/realms/${name}`,
    fetch: (request) => fetch(request),
    secret,
    close: () => admin.removeRealm(name),
  };
});

const secret = (name: string) => DEVELOPMENT_SECRETS[name] ?? "";

/** Only an import from a file resolves `${NAME}`; the admin API takes it as it stands. */
function filled(realm: object): object {
  return JSON.parse(JSON.stringify(realm).replaceAll(/\$\{(GOV_\w+)\}/g, (_, name: string) => secret(name)));
}
