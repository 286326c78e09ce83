import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeJwt } from "jose";
import { openUserDirectory } from "../../shared/adapters/keycloak/user_directory.ts";
import { type KodeProvinsi, parseKodeProvinsi } from "../../shared/penduduk/provinsi.ts";
import {
  type NewUser,
  parseUsername,
  type PersonRole,
  type User,
  type UserDirectory,
  type Username,
} from "../../shared/ports/user_directory.ts";
import { PENDUDUK } from "../fixtures.ts";
import { RealmClient } from "./identity_client.ts";
import { adminRightsContract } from "./user_directory_rights_contract.ts";
import type { DirectoryUnderTest, ServedRealm } from "./user_directory_realm.ts";

/** What `deno task users` relies on, whichever provider it is. The realm is the test's own. */
export function userDirectoryContract(name: string, under: DirectoryUnderTest): void {
  describe(`User directory contract on ${name}`, () => {
    const signal = AbortSignal.timeout(120_000);
    let realm: ServedRealm;
    let client: RealmClient;
    let directory: UserDirectory;
    before(async () => {
      realm = await under.open();
      client = new RealmClient(realm, undefined);
      directory = openUserDirectory({ ...realm, client: client.clientOf("auth-admin") });
    });
    after(() => realm.close());

    it("makes an officer who signs in with roles and province", async () => {
      const user = await create({ roles: roles("petugas", "auditor"), provinsi: kode("32") });
      const { access_token } = await signedIn(user.username, PASSWORD);
      const claims = decodeJwt<AccessClaims>(access_token);
      assert.equal(claims.sub, user.id);
      assert.equal(claims.provinsi, "32");
      assert.deepEqual(claims.realm_access?.roles.toSorted(), ["auditor", "petugas"]);
    });

    it("gives nobody a province or a role that nobody gave", async () => {
      const user = await create({ roles: roles(), provinsi: undefined });
      const claims = decodeJwt<AccessClaims>((await signedIn(user.username, PASSWORD)).access_token);
      assert.equal(claims.provinsi, undefined);
      assert.equal(claims.realm_access, undefined);
    });

    it("finds a user as it was made", async () => {
      const made = newUser({ roles: roles("petugas"), provinsi: kode("91"), email: address() });
      const created = await directory.create(made);
      assert(created.kind === "created");
      const { password: _, ...fields } = made;
      assert.deepEqual(await directory.find(made.username), { ...fields, id: created.id, enabled: true });
    });

    it("finds neither a stranger nor a service account", async () => {
      assert.equal(await directory.find(username("tidak-ada")), undefined);
      const listed = await Array.fromAsync(directory.list());
      assert.deepEqual(listed.filter(({ username }) => username.startsWith("service-account")), []);
      assert(listed.some(({ username }) => username === "petugas"), "people are listed");
    });

    it("makes no second user of the same name or address", async () => {
      const first = newUser({ email: address() });
      await directory.create(first);
      const sameName = await directory.create({ ...newUser({}), username: first.username });
      const sameAddress = await directory.create({ ...newUser({}), email: first.email });
      assert.deepEqual(sameName, { kind: "exists", field: "username" });
      assert.deepEqual(sameAddress, { kind: "exists", field: "email" });
    });

    it("holds to the password policy, for new users and new passwords alike", async () => {
      const user = await create({});
      const short = { value: "sebelas-kar", mustChange: false };
      assert.deepEqual(await directory.create({ ...newUser({}), password: short }), POLICY, "a new user's");
      assert.deepEqual(await directory.setPassword(user.id, short), POLICY, "a new password");
      const same = { value: user.username, mustChange: false };
      assert.deepEqual(await directory.setPassword(user.id, same), POLICY, "the user's own name");
      await signedIn(user.username, PASSWORD);
    });

    it("lists every user, by name, however many there are", async () => {
      const made: Username[] = [];
      for (let i = 0; i < 101; i++) {
        const user = { ...newUser({ roles: roles() }), password: undefined };
        made.push(user.username);
        await directory.create(user);
      }
      const listed = (await Array.fromAsync(directory.list())).map(({ username }) => username);
      assert.deepEqual(listed, listed.toSorted());
      assert.deepEqual(made.filter((name) => !listed.includes(name)), []);
      assert.equal(new Set(listed).size, listed.length);
    });

    it("lets a disabled user neither sign in nor go on, and an enabled one sign in again", async () => {
      const { id, username } = await create({});
      const tokens = await signedIn(username, PASSWORD);
      await directory.change(id, { enabled: false });
      await directory.endSessions(id);
      assert.equal((await signIn(username, PASSWORD)).kind, "rejected");
      assert.deepEqual(await client.open().refresh(tokens.refresh_token, signal), { kind: "rejected" });
      assert.deepEqual(await client.open().introspect(tokens.access_token, signal), INACTIVE);
      assert.equal((await found(username)).enabled, false);
      await directory.change(id, { enabled: true });
      await signedIn(username, PASSWORD);
      assert.deepEqual(await client.open().refresh(tokens.refresh_token, signal), { kind: "rejected" });
    });

    it("ends the sessions of one user and of nobody else", async () => {
      const [one, other] = [await create({}), await create({})];
      const ended = await signedIn(one.username, PASSWORD);
      const kept = await signedIn(other.username, PASSWORD);
      await directory.endSessions(one.id);
      assert.deepEqual(await client.open().introspect(ended.access_token, signal), INACTIVE);
      assert.equal((await client.open().introspect(kept.access_token, signal)).kind, "verified");
    });

    it("changes what is named and leaves the rest", async () => {
      const before = await create({ provinsi: kode("32"), roles: roles("petugas"), email: address() });
      await directory.change(before.id, { nama: PENDUDUK[1].nama });
      assert.deepEqual(await found(before.username), { ...before, nama: PENDUDUK[1].nama });
      await directory.change(before.id, { provinsi: kode("11") });
      assert.deepEqual(await found(before.username), {
        ...before,
        nama: PENDUDUK[1].nama,
        provinsi: kode("11"),
      });
      await directory.change(before.id, { provinsi: undefined });
      assert.deepEqual(await found(before.username), {
        ...before,
        nama: PENDUDUK[1].nama,
        provinsi: undefined,
      });
    });

    it("takes no address of another user", async () => {
      const [one, other] = [await create({ email: address() }), await create({ email: address() })];
      const taken = await directory.change(one.id, { email: other.email ?? "" });
      assert.deepEqual(taken, { kind: "exists", field: "email" });
      assert.deepEqual(await found(one.username), one);
    });

    it("puts the roles in the place of those before, in the next token too", async () => {
      const { id, username } = await create({ roles: roles("petugas", "warga") });
      await directory.setRoles(id, roles("warga", "auditor"));
      assert.deepEqual([...(await found(username)).roles].toSorted(), ["auditor", "warga"]);
      const claims = decodeJwt<AccessClaims>((await signedIn(username, PASSWORD)).access_token);
      assert.deepEqual(claims.realm_access?.roles.toSorted(), ["auditor", "warga"]);
      await directory.setRoles(id, roles());
      assert.deepEqual((await found(username)).roles, roles());
    });

    it("puts a password in the place of the one before", async () => {
      const { id, username } = await create({});
      const other = { value: "kata-sandi-yang-lain", mustChange: false };
      assert.deepEqual(await directory.setPassword(id, other), { kind: "changed" });
      assert.equal((await signIn(username, PASSWORD)).kind, "rejected");
      await signedIn(username, other.value);
    });

    it("lets nobody sign in by a password alone that must be changed first", async () => {
      const { id, username } = await create({ password: { value: PASSWORD, mustChange: true } });
      assert.equal((await signIn(username, PASSWORD)).kind, "rejected");
      await directory.setPassword(id, { value: PASSWORD, mustChange: false });
      await signedIn(username, PASSWORD);
    });

    it("frees a user whom wrong passwords had locked out, by a new password", async () => {
      const { id, username } = await create({});
      // Five lock the account. Keycloak counts them a moment after its answer, hence five more.
      for (let i = 0; i < 10; i++) await signIn(username, "salah");
      assert.equal((await signIn(username, PASSWORD)).kind, "rejected", "locked out");
      await directory.setPassword(id, { value: PASSWORD, mustChange: false });
      await signedIn(username, PASSWORD);
    });

    it("lets nobody sign in who was made without a password", async () => {
      const user = await create({ password: undefined });
      for (const password of ["", "undefined", "null"]) {
        assert.equal((await signIn(user.username, password)).kind, "rejected");
      }
    });

    adminRightsContract(() => ({ realm, client, directory }));

    async function create(changes: Partial<NewUser>): Promise<User> {
      const user = newUser(changes);
      const created = await directory.create(user);
      assert.equal(created.kind, "created");
      return await found(user.username);
    }

    async function found(username: Username): Promise<User> {
      const user = await directory.find(username);
      assert(user, `"${username}" was not found`);
      return user;
    }

    function signIn(username: Username, password: string) {
      return client.open().passwordGrant({ username, password }, signal);
    }

    async function signedIn(username: Username, password: string) {
      const grant = await signIn(username, password);
      assert(grant.kind === "granted", `"${username}" could not sign in: ${grant.kind}`);
      return grant.tokens;
    }
  });
}

const PASSWORD = "kata-sandi-percobaan";
const INACTIVE = { kind: "rejected", reason: "inactive" };
const POLICY = { kind: "refused", why: "password-policy" };

let count = 0;
function newUser(changes: Partial<NewUser>): NewUser {
  return {
    username: username(`uji-${++count}-percobaan-${crypto.randomUUID().slice(0, 4)}`),
    nama: PENDUDUK[0].nama,
    email: undefined,
    roles: roles("warga"),
    provinsi: undefined,
    password: { value: PASSWORD, mustChange: false },
    ...changes,
  };
}

export function username(text: string): Username {
  const parsed = parseUsername(text);
  assert(typeof parsed === "string", `"${text}" is no user name`);
  return parsed;
}

const address = () => `uji-${crypto.randomUUID()}@example.invalid`;
const roles = (...names: PersonRole[]): ReadonlySet<PersonRole> => new Set(names);

function kode(text: string): KodeProvinsi {
  const parsed = parseKodeProvinsi(text);
  assert(parsed);
  return parsed;
}

interface AccessClaims {
  sub: string;
  provinsi?: string;
  realm_access?: { roles: string[] };
}
