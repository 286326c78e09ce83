import { DEVELOPMENT_SECRETS } from "../../shared/adapters/embedded/identity/development_secrets.ts";
import {
  createEmbeddedIdentity,
  type EmbeddedIdentity,
} from "../../shared/adapters/embedded/identity/identity.ts";
import realm from "../../ops/keycloak/gov-realm-realm.json" with { type: "json" };
import { identityContract } from "./identity_contract.ts";

let now = Date.now();
let provider: EmbeddedIdentity;

identityContract("the embedded provider", {
  async open() {
    provider = await createEmbeddedIdentity({
      realm,
      baseUrl: "https://identitas.invalid",
      secret: (name) => DEVELOPMENT_SECRETS[name],
      passwordWork: 4,
      now: () => now,
    });
    return {
      issuer: provider.issuer,
      fetch: (request) => provider.app.fetch(request),
      secret: (name) => DEVELOPMENT_SECRETS[name] ?? "",
      close: () => Promise.resolve(),
    };
  },
  clock: { now: () => now, advance: (ms) => now += ms },
  keys: {
    publish: () => provider.keys.publish(),
    activate: () => Promise.resolve(provider.keys.activate()),
    retire: () => Promise.resolve(provider.keys.retire()),
  },
});
