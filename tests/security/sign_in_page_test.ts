import { after, before, describe } from "@std/testing/bdd";
import { serveEmbedded } from "../contract/user_directory_realm.ts";
import { attacksOnSignInPage } from "./login/sign_in_page.ts";
import { UnderAttack } from "./login/under_attack.ts";

describe("Attacks by the sign-in page", () => {
  let attacked: UnderAttack;
  before(async () => {
    attacked = new UnderAttack(await serveEmbedded());
  });
  after(() => attacked.realm.close());

  attacksOnSignInPage(() => attacked);
});
