import realm from "../../../ops/keycloak/gov-realm-realm.json" with { type: "json" };
import { DEVELOPMENT_SECRETS } from "../../../shared/adapters/embedded/identity/development_secrets.ts";
import { createEmbeddedIdentity } from "../../../shared/adapters/embedded/identity/identity.ts";

/**
 * The embedded identity provider in a process of its own, with as many officers as the bench logs in. Arguments: port,
 * number of officers, their password. Their tokens last for an hour; what they cost is decided by the caches, which
 * are shorter.
 */
async function main([port = "", officers = "0", password = ""]: readonly string[]): Promise<void> {
  const petugas = Array.from({ length: Number(officers) }, (_, i) => ({
    username: `petugas-${i}`,
    enabled: true,
    emailVerified: true,
    firstName: "Petugas",
    lastName: String(i),
    email: `petugas-${i}@example.invalid`,
    credentials: [{ type: "password", value: password, temporary: false }],
    realmRoles: ["petugas"],
  }));
  const identity = await createEmbeddedIdentity({
    realm: { ...realm, accessTokenLifespan: 3600, users: [...realm.users, ...petugas] },
    baseUrl: `http://127.0.0.1:${port}`,
    secret: (name) => DEVELOPMENT_SECRETS[name],
    // Nobody's password is at stake, and the log-ins are no part of what is measured.
    passwordWork: 4,
  });
  Deno.serve({ hostname: "127.0.0.1", port: Number(port) }, (request) => identity.app.fetch(request));
}

if (import.meta.main) await main(Deno.args);
