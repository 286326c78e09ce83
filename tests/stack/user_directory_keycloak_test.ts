import { userDirectoryContract } from "../contract/user_directory_contract.ts";
import { KeycloakAdmin } from "./keycloak_admin.ts";
import { ownRealm } from "./keycloak_realm.ts";

userDirectoryContract("Keycloak", { open: () => ownRealm(new KeycloakAdmin()) });
