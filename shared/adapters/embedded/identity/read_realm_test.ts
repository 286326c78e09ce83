import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import file from "../../../../ops/keycloak/gov-realm-realm.json" with { type: "json" };
import { DEVELOPMENT_SECRETS } from "./development_secrets.ts";
import { readRealm } from "./read_realm.ts";

const development = (name: string) => DEVELOPMENT_SECRETS[name];

describe("readRealm", () => {
  it("reads the realm file that Keycloak imports", () => {
    const realm = readRealm(file, development);
    assert.deepEqual(
      [...realm.users.values()].flatMap((user) => user.password === undefined ? [] : user.username),
      [
        "admin",
        "petugas",
        "petugas-jabar",
        "warga",
        "auditor",
      ],
    );
    assert.equal(realm.users.get("service-account-gateway")?.realmRoles.length, 0);
  });

  it("gives every demo user the role of the same name alone, and their name with -rahasia for a password", () => {
    const realm = readRealm(file, development);
    for (const name of ["admin", "petugas", "warga", "auditor"]) {
      assert.deepEqual(realm.users.get(name)?.realmRoles, [name]);
      assert.deepEqual(realm.users.get(name)?.password, { kind: "configured", clear: `${name}-rahasia` });
    }
  });

  it("lets only the bulk loader's tokens lift the limit of requests", () => {
    const clients = [...readRealm(file, development).clients.values()];
    const unlimited = clients.filter((client) => client.allowedRealmRoles.has("tanpa-batas"));
    assert.deepEqual(unlimited.map((client) => client.id), ["simulasi"]);
  });

  it("gives a user the same id at every start, and each another one", () => {
    const ids = () => [...readRealm(file, development).users.values()].map((user) => user.id);
    assert.deepEqual(ids(), ids());
    assert.equal(new Set(ids()).size, ids().length);
    for (const id of ids()) {
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it("has a development value for every secret, and none that nothing asks for", () => {
    const asked = new Set(JSON.stringify(file).match(/GOV_\w+/g));
    assert.deepEqual([...asked].sort(), Object.keys(DEVELOPMENT_SECRETS).sort());
  });

  it("names the secret that has no value", () => {
    const without = (name: string) => name === "GOV_PENDAFTARAN_SECRET" ? undefined : development(name);
    assert.throws(() => readRealm(file, without), /needs a value for "GOV_PENDAFTARAN_SECRET"/);
    assert.throws(() => readRealm(file, (name) => name === "GOV_WARGA_PASSWORD" ? "" : development(name)), {
      message: 'Realm file needs a value for "GOV_WARGA_PASSWORD"',
    });
  });

  it("refuses a password that Keycloak would refuse, and does not repeat it", () => {
    const [first, ...users] = file.users;
    const named = {
      ...file,
      users: [{ ...first, username: "administrator", realmRoles: ["admin"] }, ...users],
    };
    for (const password of ["sebelas-kar", "Administrator"]) {
      const secret = (name: string) => name === "GOV_ADMIN_PASSWORD" ? password : development(name);
      assert.throws(() => readRealm(named, secret), {
        message:
          'Password of "administrator" breaks the realm\'s policy "length(12) and notUsername(undefined)"',
      });
    }
  });

  const notUnderstood: readonly [string, Record<string, unknown>, RegExp][] = [
    ["an unknown switch", { otpPolicyType: "totp" }, /otpPolicyType/],
    ["registration", { registrationAllowed: true }, /registrationAllowed/],
    ["no lock-out", { bruteForceProtected: false }, /bruteForceProtected/],
    ["refresh tokens without rotation", { revokeRefreshToken: false }, /revokeRefreshToken/],
    ["another password policy", { passwordPolicy: "digits(2)" }, /passwordPolicy/],
    ["an unknown algorithm", { defaultSignatureAlgorithm: "HS256" }, /defaultSignatureAlgorithm/],
  ];
  for (const [what, change, complaint] of notUnderstood) {
    it(`refuses a realm file that asks for ${what}`, () => {
      assert.throws(() => readRealm({ ...file, ...change }, development), complaint);
    });
  }

  it("refuses names that lead nowhere", () => {
    const [first, ...users] = file.users;
    const [client, ...clients] = file.clients;
    const cases: readonly [Record<string, unknown>, RegExp][] = [
      [{ users: [{ ...first, realmRoles: ["raja"] }, ...users] }, /unknown role "raja"/],
      [{ scopeMappings: [{ client: "lain", roles: ["admin"] }] }, /unknown client "lain"/],
      [{ clients: [{ ...client, defaultClientScopes: ["lain"] }, ...clients] }, /unknown scope "lain"/],
      [
        {
          users: [...file.users, {
            username: "service-account-x",
            enabled: true,
            serviceAccountClientId: "x",
          }],
        },
        /service account of no client/,
      ],
    ];
    for (const [change, complaint] of cases) {
      assert.throws(() => readRealm({ ...file, ...change }, development), complaint);
    }
  });
});
