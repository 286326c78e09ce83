import { createEmbeddedIdentity } from "../../../shared/adapters/embedded/identity/identity.ts";
import { DEVELOPMENT_SECRETS } from "../../../shared/adapters/embedded/identity/development_secrets.ts";
import realm from "../../../ops/keycloak/gov-realm-realm.json" with { type: "json" };

/**
 * The embedded identity provider as a process of its own, to be killed like Keycloak. Argument: the port. PUBLIC_URL is
 * the address by which its clients know it.
 */
async function main([port]: readonly string[]): Promise<void> {
  const baseUrl = Deno.env.get("PUBLIC_URL");
  if (port === undefined || baseUrl === undefined) throw new TypeError("Start it with a port and PUBLIC_URL");
  const secret = (name: string) => DEVELOPMENT_SECRETS[name];
  const identity = await createEmbeddedIdentity({ realm, baseUrl, secret });
  Deno.serve({ hostname: "127.0.0.1", port: Number(port) }, (request) => identity.app.fetch(request));
}

if (import.meta.main) await main(Deno.args);
