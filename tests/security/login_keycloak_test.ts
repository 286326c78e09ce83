import { after, before, describe } from "@std/testing/bdd";
import { openKeycloakRealm } from "./login/keycloak.ts";
import { attacksOnAdministration } from "./login/administration.ts";
import { attacksOnPasswords } from "./login/passwords.ts";
import { UnderAttack } from "./login/under_attack.ts";

describe("Attacks by login at Keycloak", () => {
  let attacked: UnderAttack;
  before(async () => {
    attacked = new UnderAttack(await openKeycloakRealm());
  });
  after(() => attacked.realm.close());

  attacksOnPasswords(() => attacked);
});

describe("Attacks by user administration at Keycloak", () => {
  let attacked: UnderAttack;
  before(async () => {
    attacked = new UnderAttack(await openKeycloakRealm());
  });
  after(() => attacked.realm.close());

  attacksOnAdministration(() => attacked);
});
