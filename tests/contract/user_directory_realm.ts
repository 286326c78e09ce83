import { createEmbeddedIdentity } from "../../shared/adapters/embedded/identity/identity.ts";
import { DEVELOPMENT_SECRETS } from "../../shared/adapters/embedded/identity/development_secrets.ts";
import type { UserStore } from "../../shared/adapters/embedded/identity/user_store.ts";
import realmFile from "../../ops/keycloak/gov-realm-realm.json" with { type: "json" };
import type { RealmProvider } from "./identity_client.ts";

/** A provider whose admin API can be reached by its address, with a realm of the test's own. */
export interface DirectoryUnderTest {
  open(): Promise<ServedRealm>;
}

export interface ServedRealm extends RealmProvider {
  /** The provider's origin. */
  readonly url: string;
  /** The realm's name. */
  readonly realm: string;
}

/** The embedded provider on a free port. */
export async function serveEmbedded(users?: UserStore): Promise<ServedRealm> {
  let answer = (_: Request): Response | Promise<Response> => new Response(null, { status: 503 });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => answer(request));
  const url = `http://127.0.0.1:${server.addr.port}`;
  const { app, issuer } = await createEmbeddedIdentity({
    realm: realmFile,
    baseUrl: url,
    secret: (name) => DEVELOPMENT_SECRETS[name],
    passwordWork: 4,
    ...(users && { users }),
  });
  answer = (request) => app.fetch(request);
  return {
    url,
    realm: realmFile.realm,
    issuer,
    fetch: (request) => fetch(request),
    secret: (name) => DEVELOPMENT_SECRETS[name] ?? "",
    close: () => server.shutdown(),
  };
}
