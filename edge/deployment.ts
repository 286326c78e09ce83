import { configure, getConsoleSink, getLogger } from "@logtape/logtape";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { auditText } from "../shared/adapters/file/audit_text.ts";
import { EmbeddedRateLimitStore } from "../shared/adapters/embedded/rate_limit_store.ts";
import { openIdentity } from "../shared/adapters/keycloak/identity.ts";
import { openRateLimiter } from "../shared/adapters/redis/rate_limiter.ts";
import { openUpstashStore } from "../shared/adapters/redis/upstash_store.ts";
import { type Config, ConfigError, toConfig } from "../shared/config/config.ts";
import type { Environment } from "../shared/config/environment.ts";
import type { Audit } from "../shared/ports/audit.ts";
import type { PortalModule } from "../shared/ports/portal_assets.ts";
import { identityOptions } from "../shared/runtime/identity_options.ts";
import { collapseDenials } from "../shared/security/audit/denials.ts";
import { openAuditWriter } from "../shared/security/audit/writer.ts";
import { ecsLine } from "../shared/telemetry/ecs.ts";
import { mask } from "../shared/telemetry/mask.ts";
import { collapseRepeats } from "../shared/telemetry/repeats.ts";
import { createEdge } from "./app.ts";
import { readPortalModule } from "./portal_module.ts";
import { overNetwork } from "./upstream/over_network.ts";

/**
 * The edge as a Web-standard `fetch`, for runtimes that start and stop instances of it as they like. It always runs as
 * in production, and its limits are counted in a store that all instances share: a count in each would be no limit.
 * Serves `page` at `/`, where it is given. Rejects with `ConfigError`, or with `Unusable` when the store refuses us.
 */
export async function openDeployment(environment: Environment, page?: PortalModule): Promise<Deployment> {
  const config = toConfig({ ...environment, APP_ENV: "production" }, ["edge"]);
  const { url, token } = sharedStore(config);
  refuseOtherSinks(config);
  await logToConsole(config);
  const store = await openUpstashStore(url, token);
  const limiter = (prefix: string, limit: number) =>
    openRateLimiter({ store, fallback: new EmbeddedRateLimitStore(), prefix, limit, windowMs: 60_000 });
  const options = identityOptions(config, "gateway");
  const identity = openIdentity(options);
  const edge = createEdge({
    audit: await openConsoleAudit(),
    identity,
    dependencies: [{ name: "identity", check: (signal) => identity.check(signal) }],
    origins: overNetwork(config, (url, init) => fetch(url, init)),
    userLimiter: limiter("user", config.RATE_LIMIT_PER_MINUTE),
    addressLimiter: limiter("address", config.LOGIN_LIMIT_PER_MINUTE),
    conflictLimiter: limiter("conflict", config.CONFLICT_LIMIT_PER_MINUTE),
    corsOrigins: config.CORS_ORIGINS,
    ...(page && { portal: { assets: readPortalModule(page), issuer: options.issuer } }),
    trustedProxies: config.TRUSTED_PROXIES,
    trustTrace: config.TRUST_TRACEPARENT === "yes",
  });
  return {
    fetch: (request, connection) =>
      edge.fetch(request, { remoteAddress: connection?.remoteAddr?.hostname ?? "" }),
  };
}

/** Shaped as Deno, Bun and others want a module's default export to be. */
export interface Deployment {
  readonly fetch: (request: Request, connection?: Connection) => Response | Promise<Response>;
}

/** What Deno tells of the other end. Unknown clients share one budget at the login. */
export interface Connection {
  readonly remoteAddr?: { readonly hostname?: string };
}

function sharedStore({ limiterStore }: Config) {
  if (limiterStore.kind === "upstash") return limiterStore;
  throw new ConfigError([
    "UPSTASH_REDIS_REST_URL must be set: this runtime reaches a shared limiter store over HTTP only",
  ]);
}

function refuseOtherSinks({ AUDIT_SINKS }: Config): void {
  if (AUDIT_SINKS.every((sink) => sink === "stdout")) return;
  throw new ConfigError(["AUDIT_SINKS must be stdout: this runtime has neither files nor a database"]);
}

/** The platform's log is where the lines end up: what the edge refuses is worth no network call of its own. */
async function openConsoleAudit(): Promise<Audit> {
  const sink = auditText((text) => auditLog.info(text));
  const writer = await openAuditWriter({ sinks: [sink], service: "edge", sha256: (text) => hex(text) });
  return collapseDenials(writer.of("edge"));
}

function hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

const auditLog = getLogger(["kependudukan-audit"]);

/** The console is the only way out that every runtime has, and what the platform keeps as the log. */
async function logToConsole({ LOG_LEVEL, REVISION }: Config): Promise<void> {
  const service = { name: "edge", version: REVISION };
  const console = getConsoleSink({ formatter: (record) => mask(ecsLine(record, service)) });
  const parts = [...LOG_LEVEL.parts].map(([name, lowestLevel]) => ({
    ...{ category: ["kependudukan", ...name.split(".")], lowestLevel },
    ...{ sinks: ["console" as const], parentSinks: "override" as const },
  }));
  await configure({
    reset: true,
    sinks: {
      console: collapseRepeats(console),
      // To the byte: a masked line would no longer have its hash.
      audit: getConsoleSink({ formatter: ({ rawMessage }) => String(rawMessage) }),
    },
    loggers: [
      { category: "kependudukan", lowestLevel: LOG_LEVEL.all, sinks: ["console"] },
      ...parts,
      { category: "kependudukan-audit", lowestLevel: "info", sinks: ["audit"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["console"] },
    ],
  });
}
