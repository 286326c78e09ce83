import { after, before, describe } from "@std/testing/bdd";
import { openKeycloakRealm } from "./login/keycloak.ts";
import { attacksOnSignInPage } from "./login/sign_in_page.ts";
import { UnderAttack } from "./login/under_attack.ts";

describe("Attacks by the sign-in page of Keycloak", () => {
  let attacked: UnderAttack;
  before(async () => {
    attacked = new UnderAttack(await openKeycloakRealm());
  });
  after(() => attacked.realm.close());

  attacksOnSignInPage(() => attacked);
});
