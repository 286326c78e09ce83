import { getLogger } from "@logtape/logtape";
import { createProvider } from "../../shared/adapters/keycloak/provider.ts";
import { createServiceToken } from "../../shared/adapters/keycloak/service_token.ts";
import { LIMITS } from "../../shared/adapters/keycloak/limits.ts";
import { ConfigError } from "../../shared/config/config.ts";
import type { Platform } from "../../shared/runtime/platform.ts";
import { runAlone } from "../../shared/runtime/run_alone.ts";
import type { Service } from "../../shared/runtime/service.ts";
import { edgeWay } from "./edge_way.ts";
import type { Outcome } from "./probe.ts";
import { observeProbe } from "./probe_metrics.ts";
import { keepProbing } from "./schedule.ts";

/** Takes one synthetic registration the whole way each minute. It has no HTTP face but the operators'. */
export function startProbe(platform: Platform): Promise<Service> {
  const { config, metrics } = platform;
  const way = edgeWay({ url: config.EDGE_URL, token: tokenOf(platform) });
  const observe = observeProbe(metrics, Date.now);
  const stopping = new AbortController();
  const ended = keepProbing(way, {
    stop: stopping.signal,
    done(outcome) {
      observe(outcome);
      tell(outcome);
    },
  });
  return Promise.resolve({
    name: "probe",
    fetch: () => new Response(null, { status: 404 }),
    // What it cannot reach is what it is there to tell: it goes on, and is in nobody's way.
    dependencies: [],
    async stop() {
      stopping.abort();
      await ended;
    },
  });
}

function tell(outcome: Outcome): void {
  if (outcome.kind === "succeeded") return log.debug("Probe succeeded", { ...outcome.seconds });
  const { step, code } = outcome;
  log.warn("Probe failed at {step}: {code}", { step, code });
}

/** As a client of its own, whose service account has the role `penguji` and no other. */
function tokenOf({ config, identityFetch }: Platform): (signal: AbortSignal) => Promise<string | undefined> {
  if (config.KEYCLOAK_URL === undefined) {
    throw new ConfigError(["KEYCLOAK_URL is not set: run `deno task dev --probe`"]);
  }
  const provider = createProvider({
    realmUrl: `${config.KEYCLOAK_URL}/realms/${config.KEYCLOAK_REALM}`,
    client: { id: "probe", secret: config.secrets.GOV_PROBE_SECRET },
    fetch: identityFetch ?? fetch,
    timeoutMs: LIMITS.timeoutMs,
  });
  const { serviceToken } = createServiceToken({ provider, limits: LIMITS, now: Date.now });
  return serviceToken;
}

const log = getLogger(["kependudukan", "probe"]);

if (import.meta.main) await runAlone("probe", { start: startProbe, port: 8006 });
