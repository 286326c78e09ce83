import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { openUserFile } from "../../shared/adapters/embedded/identity/user_store.ts";
import { openUserDirectory } from "../../shared/adapters/keycloak/user_directory.ts";
import { PENDUDUK } from "../fixtures.ts";
import { RealmClient } from "./identity_client.ts";
import { userDirectoryContract, username } from "./user_directory_contract.ts";
import { type ServedRealm, serveEmbedded } from "./user_directory_realm.ts";

userDirectoryContract("the embedded provider", { open: () => serveEmbedded() });

describe("The embedded provider's users", () => {
  it("outlive a restart, as they were left, with the same id; what was in the realm file too", async () => {
    await using folder = await temporaryFolder();
    const before = await serve(folder.path);
    const roles = new Set(["petugas"] as const);
    const password = { value: "kata-sandi-lama", mustChange: false };
    const budi = {
      username: username("budi"),
      nama: PENDUDUK[0].nama,
      email: undefined,
      provinsi: undefined,
    };
    const created = await before.directory.create({ ...budi, roles, password });
    assert(created.kind === "created");
    const warga = await before.directory.find(username("warga"));
    assert(warga);
    await before.directory.change(warga.id, { enabled: false });
    await before.realm.close();

    const after = await serve(folder.path);
    assert.deepEqual(await after.directory.find(budi.username), {
      ...budi,
      id: created.id,
      enabled: true,
      roles,
    });
    assert.equal((await after.signIn("budi", password.value)).kind, "granted");
    assert.deepEqual(await after.directory.find(warga.username), { ...warga, enabled: false });
    assert.equal((await after.signIn("warga", "warga-rahasia")).kind, "rejected");
    await after.directory.change(warga.id, { enabled: true });
    assert.equal(
      (await after.signIn("warga", "warga-rahasia")).kind,
      "granted",
      "by the variable's password",
    );
    await after.realm.close();
  });

  it("lie in a file for the owner's eyes alone, without passwords", async () => {
    await using folder = await temporaryFolder();
    const { realm, directory } = await serve(folder.path);
    const admin = await directory.find(username("admin"));
    assert(admin);
    await directory.setPassword(admin.id, { value: "kata-sandi-baru-sekali", mustChange: false });
    await realm.close();
    const file = join(folder.path, "users.json");
    assert.equal((Deno.statSync(file).mode ?? 0) & 0o777, 0o600);
    const text = await Deno.readTextFile(file);
    assert.match(text, /"hash":"scrypt\$4\$/);
    assert.doesNotMatch(text, /kata-sandi-baru-sekali|admin-rahasia/);
  });

  it("are all there after many changes at once", async () => {
    await using folder = await temporaryFolder();
    const { realm, directory } = await serve(folder.path);
    const names = Array.from({ length: 50 }, (_, i) => username(`uji-${i}`));
    await Promise.all(names.map((name) =>
      directory.create({
        username: name,
        nama: PENDUDUK[1].nama,
        email: undefined,
        roles: new Set(["warga"]),
        provinsi: undefined,
        password: undefined,
      })
    ));
    await realm.close();
    const after = await serve(folder.path);
    const listed = (await Array.fromAsync(after.directory.list())).map(({ username }) => username);
    assert.deepEqual(names.filter((name) => !listed.includes(name)), []);
    await after.realm.close();
  });

  it("stop the start when their file is spoiled, instead of letting disabled users back in", async () => {
    await using folder = await temporaryFolder();
    for (const text of ["", "{", '[{"id":"x"}]', "null"]) {
      await Deno.writeTextFile(join(folder.path, "users.json"), text);
      const store = openUserFile(join(folder.path, "users.json"));
      await assert.rejects(store.load(), /Cannot read the users of/, `of ${text}`);
    }
  });
});

async function serve(folder: string) {
  const realm: ServedRealm = await serveEmbedded(openUserFile(join(folder, "users.json")));
  const client = new RealmClient(realm, undefined);
  const directory = openUserDirectory({ ...realm, client: client.clientOf("auth-admin") });
  const signal = AbortSignal.timeout(20_000);
  const signIn = (username: string, password: string) =>
    client.open().passwordGrant({ username, password }, signal);
  return { realm, directory, signIn };
}

async function temporaryFolder() {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
