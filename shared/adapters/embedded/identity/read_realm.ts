import { createHash } from "node:crypto";
import { brokenRule } from "./password_policy.ts";
import type { Client, PasswordPolicy, Realm, User } from "./realm.ts";
import { parseRealmFile, type RealmFile } from "./realm_file.ts";

/**
 * Resolves the realm file: `${NAME}` by `secret`, names of scopes, roles and clients to what they mean.
 * Throws when a name leads nowhere, a secret is missing or a password breaks the realm's own policy.
 */
export function readRealm(json: unknown, secret: (name: string) => string | undefined): Realm {
  const file = parseRealmFile(json);
  const users = readUsers(file, secret);
  const clients = file.clients.map((client) => readClient(file, client, users, secret));
  checkReferences(file);
  return {
    name: file.realm,
    displayName: file.displayName,
    algorithm: file.defaultSignatureAlgorithm,
    accessTokenSeconds: file.accessTokenLifespan,
    codeSeconds: file.accessCodeLifespan,
    sessionIdleSeconds: file.ssoSessionIdleTimeout,
    sessionMaxSeconds: file.ssoSessionMaxLifespan,
    lockout: {
      failures: file.failureFactor,
      waitSeconds: file.waitIncrementSeconds,
      maxWaitSeconds: file.maxFailureWaitSeconds,
      forgetSeconds: file.maxDeltaTimeSeconds,
    },
    passwordPolicy: passwordPolicy(file),
    roles: file.roles.realm.map((role) => ({ ...role, id: uuidOf(file.realm, `role\0${role.name}`) })),
    users,
    clients: new Map(clients.map((client) => [client.id, client])),
  };
}

function readUsers(file: RealmFile, secret: SecretReader): ReadonlyMap<string, User> {
  const users = new Map<string, User>();
  for (const entry of file.users) {
    const user = "credentials" in entry
      ? { ...person(file, entry.username), ...readPerson(file, entry, secret) }
      : { ...serviceAccount(file, entry.username), ...entry };
    users.set(user.username, user);
  }
  for (const client of file.clients) {
    // Keycloak makes the account of a client that the file gives none.
    const username = serviceAccountName(client.clientId);
    if (!client.serviceAccountsEnabled || users.has(username)) continue;
    users.set(username, serviceAccount(file, username));
  }
  return users;
}

function readPerson(file: RealmFile, entry: Person, secret: SecretReader) {
  const { username, enabled, firstName, lastName, email, realmRoles, attributes, credentials } = entry;
  const clear = fill(credentials[0].value, secret);
  if (brokenRule(passwordPolicy(file), username, clear)) {
    throw new Error(`Password of "${username}" breaks the realm's policy "${file.passwordPolicy}"`);
  }
  const password = { kind: "configured", clear } as const;
  return { enabled, firstName, lastName, email, realmRoles, password, provinsi: attributes?.provinsi[0] };
}

function person({ realm }: RealmFile, username: string): User {
  return {
    id: uuidOf(realm, username),
    username,
    enabled: true,
    firstName: undefined,
    lastName: undefined,
    email: undefined,
    provinsi: undefined,
    password: undefined,
    mustChangePassword: false,
    realmRoles: [],
    clientRoles: {},
    serviceAccount: false,
  };
}

function serviceAccount(file: RealmFile, username: string): User {
  return { ...person(file, username), serviceAccount: true };
}

function readClient(
  file: RealmFile,
  client: RealmFile["clients"][number],
  users: ReadonlyMap<string, User>,
  secret: SecretReader,
): Client {
  const scopes = client.defaultClientScopes.map((name) => {
    const scope = file.clientScopes.find((scope) => scope.name === name);
    if (!scope) throw new Error(`Client "${client.clientId}" names the unknown scope "${name}"`);
    return scope;
  });
  const realmRoles = file.scopeMappings.filter((mapping) => mapping.client === client.clientId);
  const clientRoles = Object.entries(file.clientScopeMappings).map(([owner, mappings]) =>
    [
      owner,
      mappings.filter(({ client: id }) => id === client.clientId).flatMap(({ roles }) => roles),
    ] as const
  );
  const common = {
    id: client.clientId,
    scopes: scopes.map((scope) => scope.name),
    mappers: [...scopes.flatMap((scope) => scope.protocolMappers), ...client.protocolMappers],
    allowedRealmRoles: new Set(realmRoles.flatMap(({ roles }) => roles)),
    allowedClientRoles: new Map(clientRoles.map(([owner, roles]) => [owner, new Set(roles)])),
  };
  if (client.publicClient) {
    return { ...common, kind: "public", redirectUris: client.redirectUris, origins: client.webOrigins };
  }
  return {
    ...common,
    kind: "confidential",
    secret: fill(client.secret, secret),
    passwordGrant: client.directAccessGrantsEnabled,
    serviceAccount: client.serviceAccountsEnabled
      ? users.get(serviceAccountName(client.clientId))
      : undefined,
  };
}

function checkReferences(file: RealmFile): void {
  const roles = new Set(file.roles.realm.map((role) => role.name));
  const clients = new Set(file.clients.map((client) => client.clientId));
  const named = [...file.users, ...file.scopeMappings].flatMap((x) => "roles" in x ? x.roles : x.realmRoles);
  for (const role of named) {
    if (!roles.has(role)) throw new Error(`Realm file gives the unknown role "${role}"`);
  }
  for (const { client } of [...file.scopeMappings, ...Object.values(file.clientScopeMappings).flat()]) {
    if (!clients.has(client)) throw new Error(`Realm file gives roles to the unknown client "${client}"`);
  }
  for (const user of file.users) {
    if (!("serviceAccountClientId" in user)) continue;
    const owner = file.clients.find((client) => client.clientId === user.serviceAccountClientId);
    if (!owner?.serviceAccountsEnabled || user.username !== serviceAccountName(owner.clientId)) {
      throw new Error(`User "${user.username}" is the service account of no client`);
    }
  }
}

/** Every `${NAME}`: Keycloak would take an unset one for the literal secret. */
function fill(value: string, secret: SecretReader): string {
  return value.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const found = secret(name);
    if (!found) throw new Error(`Realm file needs a value for "${name}"`);
    return found;
  });
}

function passwordPolicy({ passwordPolicy }: RealmFile): PasswordPolicy {
  return { length: Number(passwordPolicy.match(/\d+/)?.[0]) };
}

const serviceAccountName = (clientId: string) => `service-account-${clientId}`;

/** A UUIDv8 (RFC 9562) of realm and name: who did what must still be true after a restart. */
function uuidOf(realm: string, name: string): string {
  const bytes = createHash("sha256").update(`${realm}\0${name}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

type SecretReader = (name: string) => string | undefined;
type Person = Extract<RealmFile["users"][number], { credentials: unknown }>;
