import { openEmbeddedRealm } from "./embedded_realm.ts";
import { identityUserContract } from "./identity_user_contract.ts";

identityUserContract("the embedded provider", () => openEmbeddedRealm());
