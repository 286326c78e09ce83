import { getLogger } from "@logtape/logtape";
import { PORTAL_FOLDER, readPortalFolder } from "../shared/adapters/file/portal_folder.ts";
import { identityOptions } from "../shared/runtime/identity_options.ts";
import type { Platform } from "../shared/runtime/platform.ts";
import { runAlone } from "../shared/runtime/run_alone.ts";
import type { Dependency, Service } from "../shared/runtime/service.ts";
import { createEdge } from "./app.ts";
import { observeLimiters } from "./limiter_metrics.ts";
import { observeOrigins } from "./origin_metrics.ts";
import type { Upstream } from "./routes.ts";
import type { Origin } from "./upstream/origin.ts";
import { overNetwork } from "./upstream/over_network.ts";

/** The public edge over `origins`: over the network, or the services of the same process. */
export async function startEdge(
  platform: Platform,
  origins: Readonly<Record<Upstream, Origin>>,
): Promise<Service> {
  const { config, metrics, shutdown } = platform;
  const identity = await platform.identity("gateway");
  const limiterStore = await platform.limiterStore();
  const audit = await platform.audit("edge");
  const observeLimiter = observeLimiters(metrics);
  const limiter = async (name: string, limit: number) =>
    observeLimiter(name, await platform.rateLimiter(name, limit));
  const dependencies: Dependency[] = [
    { name: "identity", check: (signal) => identity.check(signal) },
    { name: "audit", check: () => audit.check() },
  ];
  if (limiterStore) {
    const check = (signal: AbortSignal) => limiterStore.check(signal);
    dependencies.push({ name: "rate-limit-store", optional: true, check });
  }
  const app = createEdge({
    identity,
    audit: audit.of("edge"),
    origins,
    userLimiter: await limiter("user", config.RATE_LIMIT_PER_MINUTE),
    addressLimiter: await limiter("address", config.LOGIN_LIMIT_PER_MINUTE),
    conflictLimiter: await limiter("conflict", config.CONFLICT_LIMIT_PER_MINUTE),
    observe: metrics.observeRequest,
    onOrigin: observeOrigins(metrics, origins),
    corsOrigins: config.CORS_ORIGINS,
    ...await portal(platform),
    trustedProxies: config.TRUSTED_PROXIES,
    shutdown,
    dependencies,
    trustTrace: config.TRUST_TRACEPARENT === "yes",
  });
  return {
    name: "edge",
    fetch: app.fetch,
    dependencies,
    stop: () => Promise.resolve(),
  };
}

/** Without the page the API serves all the same. */
async function portal({ config }: Platform) {
  const assets = await readPortalFolder(PORTAL_FOLDER);
  if (assets) return { portal: { assets, issuer: identityOptions(config, "gateway").issuer } };
  log.warning("Portal is not built, so / answers 404: run `deno task portal:build`");
  return {};
}

const log = getLogger(["kependudukan", "edge"]);

/** Shorter than an origin goes on serving when it stops (shared/runtime/let_go.ts): so none is closed under a request. */
const KEEP_IDLE_MS = 1_000;

if (import.meta.main) {
  const client = Deno.createHttpClient({ poolIdleTimeout: KEEP_IDLE_MS });
  const transport = (url: string, init: RequestInit) => fetch(url, { ...init, client });
  await runAlone("edge", {
    start: (platform) => startEdge(platform, overNetwork(platform.config, transport)),
    port: 8000,
    publicFace: true,
  });
}
