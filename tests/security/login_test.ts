import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { hashPassword } from "../../shared/adapters/embedded/identity/password_hash.ts";
import { PasswordCheck } from "../../shared/adapters/embedded/identity/passwords.ts";
import { readRealm } from "../../shared/adapters/embedded/identity/read_realm.ts";
import { DEVELOPMENT_SECRETS } from "../../shared/adapters/embedded/identity/development_secrets.ts";
import { FORGETFUL } from "../../shared/adapters/embedded/identity/user_store.ts";
import { Users } from "../../shared/adapters/embedded/identity/users.ts";
import file from "../../ops/keycloak/gov-realm-realm.json" with { type: "json" };
import { serveEmbedded } from "../contract/user_directory_realm.ts";
import { attacksOnAdministration } from "./login/administration.ts";
import { attacksOnPasswords } from "./login/passwords.ts";
import { PASSWORD, refused, UnderAttack } from "./login/under_attack.ts";

describe("Attacks by login", () => {
  let attacked: UnderAttack;
  before(async () => {
    attacked = new UnderAttack(await serveEmbedded());
  });
  after(() => attacked.realm.close());

  attacksOnPasswords(() => attacked);

  it("guessing faster than the lock-out counts is refused", async () => {
    const { username } = await attacked.victim();
    const guesses = Array.from({ length: 60 }, (_, i) => `salah-${i}`).concat(PASSWORD);
    for (const answer of await Promise.all(guesses.map((guess) => attacked.signIn(username, guess)))) {
      await refused(answer, 400);
    }
  });

  it("learning from the time of an answer which user names exist is refused", async () => {
    const realm = readRealm(file, (name) => DEVELOPMENT_SECRETS[name]);
    const users = await Users.open(realm.users.values(), FORGETFUL);
    const petugas = users.byName("petugas");
    assert(petugas);
    const hash = await hashPassword(PASSWORD, WORK);
    await users.put({ ...petugas, password: { kind: "stored", hash } });
    const passwords = new PasswordCheck({ users, lockout: realm.lockout, work: WORK, now: Date.now });
    // The least of several tries: other processes can only add to it.
    const least = async (username: string) => {
      const tries: number[] = [];
      for (let i = 0; i < 7; i++) {
        const since = performance.now();
        await passwords.check(username, "salah-sandinya");
        tries.push(performance.now() - since);
      }
      return Math.min(...tries);
    };
    const stored = await least("petugas");
    for (
      const [who, time] of [["unknown", await least("tidak-ada")], [
        "configured",
        await least("warga"),
      ]] as const
    ) {
      assert(time > stored / 2 && time < stored * 2, `${who} took ${time} ms, a known user ${stored} ms`);
    }
  });
});

describe("Attacks by user administration", () => {
  let attacked: UnderAttack;
  before(async () => {
    attacked = new UnderAttack(await serveEmbedded());
  });
  after(() => attacked.realm.close());

  attacksOnAdministration(() => attacked);
});

/** Some 10 ms: enough to be seen. */
const WORK = 12;
