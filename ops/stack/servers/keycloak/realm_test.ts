import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { DEVELOPMENT_SECRETS } from "../../../../shared/adapters/embedded/identity/development_secrets.ts";
import {
  adminPassword,
  databasePassword,
  ensurePasswords,
  noteImported,
  noteImporting,
  realmIn,
} from "./data.ts";
import { realmVariables } from "./realm.ts";

const REALM = '{"secret":"${GOV_SATU_SECRET}","again":"${GOV_SATU_SECRET}","other":"${GOV_DUA_SECRET}"}';

describe("realmVariables", () => {
  it("gives every variable of the realm file its value", () => {
    const variables = realmVariables((name) => `nilai ${name}`, REALM);
    assert.deepEqual(variables, {
      GOV_SATU_SECRET: "nilai GOV_SATU_SECRET",
      GOV_DUA_SECRET: "nilai GOV_DUA_SECRET",
    });
  });

  it("refuses unset, empty and unresolved ones in one sentence that names them", () => {
    for (const value of [undefined, "", "${GOV_DUA_SECRET}"]) {
      assert.throws(() => realmVariables((name) => name === "GOV_DUA_SECRET" ? value : "nilai", REALM), {
        name: "StackError",
        message: "The realm file refers to GOV_DUA_SECRET: set it",
      });
    }
    assert.throws(() => realmVariables(() => undefined, REALM), {
      message: "The realm file refers to GOV_SATU_SECRET, GOV_DUA_SECRET: set them",
    });
  });

  it("leaves Keycloak's own references alone", () => {
    assert.deepEqual(realmVariables(() => undefined, '"resource_access.${client_id}.roles"'), {});
  });

  it("finds a development secret for each variable of the repository's realm file", () => {
    assert.deepEqual(realmVariables((name) => DEVELOPMENT_SECRETS[name]), DEVELOPMENT_SECRETS);
  });
});

describe("Keycloak's data", () => {
  it("holds a realm once Keycloak has served it, until a secret changes", async () => {
    const data = await Deno.makeTempDir();
    const secrets = { GOV_SATU_SECRET: "satu" };
    assert.equal(await realmIn(data, secrets), "none");
    await noteImporting(data, secrets);
    assert.equal(await realmIn(data, secrets), "none", "the import may have been interrupted");
    await noteImported(data);
    await noteImported(data);
    assert.equal(await realmIn(data, secrets), "same");
    assert.equal(await realmIn(data, { GOV_SATU_SECRET: "dua" }), "other");
    await noteImporting(data, { GOV_SATU_SECRET: "dua" });
    assert.equal(await realmIn(data, secrets), "none");
    await Deno.remove(data, { recursive: true });
  });

  it("keeps its passwords, each another one, for the owner's eyes alone", async () => {
    const data = await Deno.makeTempDir();
    await ensurePasswords(data);
    const before = [adminPassword(data), databasePassword(data)];
    await ensurePasswords(data);
    assert.deepEqual([adminPassword(data), databasePassword(data)], before);
    assert.notEqual(before[0], before[1]);
    for (const { name } of Deno.readDirSync(data)) {
      assert.equal((Deno.statSync(`${data}/${name}`).mode ?? 0) & 0o777, 0o600);
    }
    await Deno.remove(data, { recursive: true });
  });
});
