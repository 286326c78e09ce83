import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { carryUsers } from "./carried_users.ts";

const FILE = {
  realm: "uji",
  roles: { realm: [{ name: "warga" }] },
  clients: [{ secret: "${GOV_SATU_SECRET}" }],
  users: [
    { username: "admin", credentials: [{ type: "password", value: "${GOV_ADMIN_PASSWORD}" }] },
    { username: "service-account-a", serviceAccountClientId: "a" },
  ],
};

describe("Users that are carried into a new realm", () => {
  it("keep id, password hash, attributes and state", () => {
    const budi = {
      id: "4f6c",
      username: "budi",
      enabled: false,
      attributes: { provinsi: ["32"] },
      credentials: [{ type: "password", secretData: "hash", credentialData: "argon2" }],
      realmRoles: ["warga", "default-roles-uji"],
      requiredActions: ["UPDATE_PASSWORD"],
    };
    const realm = carry([budi]);
    assert.deepEqual(realm.users.at(-1), budi);
    assert.deepEqual({ ...realm, users: realm.users.slice(0, 2) }, FILE, "the file is as it was");
  });

  it("lose roles and clients that the new file does not know", () => {
    const [, , budi] = carry([{
      username: "budi",
      realmRoles: ["warga", "raja"],
      clientRoles: { "klien-lama": ["kepala"] },
      groups: ["/lama"],
    }]).users;
    assert.deepEqual(budi, { username: "budi", realmRoles: ["warga"] });
  });

  it("are not those of the file, nor service accounts", () => {
    const { users } = carry([
      { username: "admin", enabled: false },
      { username: "service-account-a", serviceAccountClientId: "a" },
      { username: "service-account-lama", serviceAccountClientId: "lama" },
    ]);
    assert.deepEqual(users, FILE.users);
  });
});

function carry(users: readonly unknown[]): typeof FILE {
  return JSON.parse(carryUsers(JSON.stringify(FILE), JSON.stringify({ realm: "uji", users })));
}
