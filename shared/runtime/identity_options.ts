import type { IdentityOptions } from "../adapters/keycloak/identity.ts";
import type { Fetch } from "../adapters/keycloak/provider.ts";
import type { IdentityCheck } from "../adapters/keycloak/start_check.ts";
import { type Config, ConfigError } from "../config/config.ts";
import type { SecretName } from "../config/secrets.ts";

/** How a part of the system reaches the identity provider that the configuration names. Web standards only. */
export function identityOptions(config: Config, audience: Audience): IdentityOptions {
  if (config.KEYCLOAK_URL === undefined) {
    throw new ConfigError([
      "KEYCLOAK_URL is not set: run `deno task dev`, or `deno task backends` beside this process",
    ]);
  }
  const realmUrl = `${config.KEYCLOAK_URL}/realms/${config.KEYCLOAK_REALM}`;
  return {
    issuer: config.KEYCLOAK_ISSUER ?? realmUrl,
    realmUrl,
    audience,
    acceptedClients: config.acceptedClients,
    client: { id: audience, secret: config.secrets[CLIENT_SECRETS[audience]] },
  };
}

/** Every part has a client of its own at the identity provider, by which it asks and is asked for. */
const CLIENT_SECRETS = {
  "gateway": "GOV_GATEWAY_SECRET",
  "auth-service": "GOV_AUTH_SERVICE_SECRET",
  "pendaftaran-service": "GOV_PENDAFTARAN_SECRET",
  "statistik-service": "GOV_STATISTIK_SECRET",
  "notifikasi-service": "GOV_NOTIFIKASI_SECRET",
} as const satisfies Record<string, SecretName>;

/** What must hold of the provider at the start of a part. */
export function identityCheck(config: Config, audience: Audience, reach: Reach): IdentityCheck {
  const variable = CLIENT_SECRETS[audience];
  return {
    url: config.KEYCLOAK_URL ?? "",
    realm: config.KEYCLOAK_REALM,
    issuer: config.KEYCLOAK_ISSUER,
    client: { id: audience, secret: config.secrets[variable], variable },
    // Only the edge's client has a service account, without which a token cannot be had to look at.
    ...(audience === "gateway" && { audiences: AUDIENCES }),
    ...(reach.fetch && { fetch: reach.fetch }),
    wait: { signal: reach.signal },
  };
}

interface Reach {
  readonly fetch: Fetch | undefined;
  readonly signal: AbortSignal;
}

export type Audience = keyof typeof CLIENT_SECRETS;
const AUDIENCES = Object.keys(CLIENT_SECRETS);
