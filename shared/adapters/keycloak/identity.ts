import type { Identity } from "../../ports/identity.ts";
import { createGrants } from "./grants.ts";
import type { IdentityObserver } from "./identity_event.ts";
import { createIntrospection } from "./introspect.ts";
import { KeySet } from "./jwks.ts";
import { type IdentityLimits, LIMITS } from "./limits.ts";
import { type ClientCredentials, createProvider, type Fetch } from "./provider.ts";
import { createServiceToken } from "./service_token.ts";
import { createVerification } from "./verify.ts";

/**
 * The client of an OpenID Connect provider with Keycloak's paths: a real Keycloak, or the embedded one when `fetch`
 * leads into its app. Never throws on what the provider or a token says; only `check` rejects.
 */
export function openIdentity(options: IdentityOptions): Identity {
  const { issuer, realmUrl = issuer, client, fetch = (request) => globalThis.fetch(request) } = options;
  const { now = Date.now, observe } = options;
  const limits = { ...LIMITS, ...options.limits };
  const provider = createProvider({ realmUrl, client, fetch, timeoutMs: limits.timeoutMs });
  const expected = { issuer, audience: options.audience, clients: new Set(options.acceptedClients) };
  const fromEdge = { ...expected, clients: new Set([EDGE_CLIENT]) };
  const keys = new KeySet(provider, limits, now, observe);
  return {
    verify: createVerification({ keys, expected, limits, now }),
    verifyEdge: createVerification({ keys, expected: fromEdge, limits, now }),
    ...createServiceToken({ provider, limits, now }),
    introspect: createIntrospection({ provider, expected, limits, now, ...(observe && { observe }) }),
    ...createGrants(provider),
    async check(signal) {
      const found = await provider.ask("discovery", ({ body }) => isDiscovery(body, issuer) || undefined, {
        signal,
      });
      if (!found) throw new Error(`Identity provider "${realmUrl}" does not answer as it should`);
    },
  };
}

function isDiscovery(body: unknown, issuer: string): boolean {
  return typeof body === "object" && body !== null && "issuer" in body && body.issuer === issuer;
}

/** The client under which the edge calls its origins. */
const EDGE_CLIENT = "gateway";

export interface IdentityOptions {
  /** Exactly as in the tokens' `iss`, for instance `https://id.example/realms/gov-realm`. */
  readonly issuer: string;
  /** Where it is asked, for instance inside a cluster; unset, under the issuer's own address. */
  readonly realmUrl?: string;
  /** This resource server's name in `aud`. For introspection Keycloak wants it to be `client.id`. */
  readonly audience: string;
  /** Clients (`azp`) whose tokens are taken for a user's. */
  readonly acceptedClients: readonly string[];
  /** Our own client, which asks for grants and introspects. */
  readonly client: ClientCredentials;
  readonly fetch?: Fetch;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly limits?: Partial<IdentityLimits>;
  readonly observe?: IdentityObserver;
}
