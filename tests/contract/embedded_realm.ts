import { DEVELOPMENT_SECRETS } from "../../shared/adapters/embedded/identity/development_secrets.ts";
import {
  createEmbeddedIdentity,
  type EmbeddedIdentity,
} from "../../shared/adapters/embedded/identity/identity.ts";
import realm from "../../ops/keycloak/gov-realm-realm.json" with { type: "json" };
import type { RealmProvider } from "./identity_client.ts";

/** The realm file on the embedded provider, reached without the network. */
export async function openEmbeddedRealm(now = Date.now): Promise<EmbeddedRealm> {
  const provider = await createEmbeddedIdentity({
    realm,
    baseUrl: "https://identitas.invalid",
    secret: (name) => DEVELOPMENT_SECRETS[name],
    passwordWork: 4,
    now,
  });
  return {
    issuer: provider.issuer,
    fetch: (request) => provider.app.fetch(request),
    secret: (name) => DEVELOPMENT_SECRETS[name] ?? "",
    keys: provider.keys,
    close: () => Promise.resolve(),
  };
}

export interface EmbeddedRealm extends RealmProvider {
  readonly keys: EmbeddedIdentity["keys"];
}
