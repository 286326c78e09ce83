import { signInContract } from "../contract/sign_in_contract.ts";
import { KeycloakAdmin } from "./keycloak_admin.ts";
import { ownRealm } from "./keycloak_realm.ts";

signInContract("Keycloak", { open: () => ownRealm(new KeycloakAdmin()) });
