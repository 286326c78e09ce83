import type { IdentityEvent } from "../adapters/keycloak/identity_event.ts";
import type { Metrics } from "./metrics.ts";

/** How old the identity provider's keys are here, and how often it had to be asked about a token. */
export function observeIdentity(
  metrics: Metrics,
  now: () => number = Date.now,
): (audience: string) => (event: IdentityEvent) => void {
  const loadedAt = new Map<string, number>();
  metrics.gauges(
    "identity_keys_age_seconds",
    "Since the provider's published keys were last read",
    ["audience"],
    () => [...loadedAt].map(([audience, at]) => ({ labels: { audience }, value: (now() - at) / 1000 })),
  );
  const introspections = metrics.counterBy(
    "identity_introspections_total",
    "Tokens whose state was asked for: remembered, asked of the provider, or not to be had from it",
    ["audience", "answer"],
  );
  return (audience) => (event) => {
    if (event.kind === "keys-loaded") loadedAt.set(audience, now());
    else introspections({ audience, answer: event.answer });
  };
}
