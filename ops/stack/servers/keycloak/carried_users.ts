import * as z from "zod";

/**
 * The realm file with the users that were made at Keycloak: `exported` is what Keycloak itself wrote of the realm that
 * the file takes the place of. Ids and password hashes stay. Who is in the file is as the file says; a role that the
 * file no longer knows is gone.
 */
export function carryUsers(file: string, exported: string): string {
  const realm = Realm.parse(JSON.parse(file));
  const inFile = new Set(realm.users.map(({ username }) => username));
  const roles = new Set(realm.roles.realm.map(({ name }) => name));
  roles.add(`default-roles-${realm.realm}`);
  const made = Exported.parse(JSON.parse(exported)).users.filter(({ username, serviceAccountClientId }) =>
    serviceAccountClientId === undefined && !inFile.has(username)
  );
  const carried = made.map(({ clientRoles: _, groups: __, ...user }) => ({
    ...user,
    realmRoles: user.realmRoles.filter((role) => roles.has(role)),
  }));
  return JSON.stringify({ ...realm, users: [...realm.users, ...carried] });
}

const Realm = z.looseObject({
  realm: z.string(),
  roles: z.looseObject({ realm: z.array(z.looseObject({ name: z.string() })) }),
  users: z.array(z.looseObject({ username: z.string() })),
});

const Exported = z.looseObject({
  users: z.array(z.looseObject({
    username: z.string(),
    serviceAccountClientId: z.string().optional(),
    realmRoles: z.array(z.string()).default([]),
  })).default([]),
});
