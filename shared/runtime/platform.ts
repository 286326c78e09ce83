import { openEmbeddedEventLog } from "../adapters/embedded/event_log/event_log.ts";
import { EmbeddedRateLimitStore } from "../adapters/embedded/rate_limit_store.ts";
import { openLocalOutbox } from "../adapters/embedded/sms/local_outbox.ts";
import { openEmbeddedOfficers } from "../adapters/embedded/sms/officers.ts";
import { openEmbeddedSmsLedger } from "../adapters/embedded/sms/ledger.ts";
import { openEmbeddedStatisticsStore } from "../adapters/embedded/statistics_store/statistics_store.ts";
import { openIdentity } from "../adapters/keycloak/identity.ts";
import type { Fetch } from "../adapters/keycloak/provider.ts";
import { openPool, type Pool } from "../adapters/postgres/pool.ts";
import { openRateLimiter } from "../adapters/redis/rate_limiter.ts";
import { type Config, ConfigError, type SecretName } from "../config/config.ts";
import { readKeys } from "../config/keys_file.ts";
import type { EventLog } from "../ports/event_log.ts";
import type { Identity } from "../ports/identity.ts";
import type { RateLimiter } from "../ports/rate_limiter.ts";
import { leaseFor, type OfficerDirectory, type SmsLedger, type SmsSender } from "../ports/sms.ts";
import type { StatisticsStore } from "../ports/statistics_store.ts";
import type { Keys } from "../security/key_ring.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";

/**
 * What the configuration puts behind each port, opened when a service first asks for it and shared by the services of
 * one process.
 */
export function openPlatform(config: Config, options: PlatformOptions = {}): Platform {
  const closers: (() => Promise<void>)[] = [];
  const stopping = new AbortController();
  const pools = new Map<string, Pool>();
  const closing = async <T extends { close(): Promise<void> }>(opened: Promise<T>): Promise<T> => {
    const resource = await opened;
    closers.unshift(() => resource.close());
    return resource;
  };
  const platform: Platform = {
    config,
    metrics: createMetrics(),
    shutdown: stopping.signal,
    keys: once(() => readKeys(config)),
    databaseUrl: () => databaseUrl(config),
    pool(name, max) {
      const pool = pools.get(name) ?? openPool(databaseUrl(config), { max, name });
      pools.set(name, pool);
      return pool;
    },
    identity: (audience) => openIdentity(identityOptions(config, audience, options)),
    eventLog: once(() =>
      closing(openEmbeddedEventLog({ url: databaseUrl(config), partitions: config.PARTITIONS }))
    ),
    statisticsStore: once(() => closing(openEmbeddedStatisticsStore(platform.pool("statistics", 4)))),
    smsLedger: once(async () =>
      closing(
        openEmbeddedSmsLedger(platform.pool("sms", 6), (await platform.keys()).columns, {
          leaseMs: leaseFor(await platform.smsSender()),
        }),
      )
    ),
    smsSender: once(async () => openLocalOutbox(platform.pool("sms", 6), (await platform.keys()).columns)),
    officers: once(async () =>
      closing(openEmbeddedOfficers(platform.pool("sms", 6), (await platform.keys()).columns, {
        defaultOfficer: config.DEFAULT_OFFICER_PHONE,
      }))
    ),
    rateLimiter: (prefix, limit) =>
      openRateLimiter({ store: new EmbeddedRateLimitStore(), limit, windowMs: 60_000, prefix }),
    stop: () => stopping.abort(new DOMException("Process stops", "AbortError")),
    async close() {
      platform.stop();
      for (const close of closers) await close();
      await Promise.all([...pools.values()].map((pool) => pool.end()));
    },
  };
  return platform;
}

export interface Platform {
  readonly config: Config;
  readonly metrics: Metrics;
  /** Aborts when the process is told to stop. */
  readonly shutdown: AbortSignal;
  keys(): Promise<Keys>;
  /** For those that need a session of their own. */
  databaseUrl(): string;
  /** Connections of one purpose, so that one kind of work cannot take them all from another. */
  pool(name: string, max: number): Pool;
  identity(audience: Audience): Identity;
  eventLog(): Promise<EventLog>;
  statisticsStore(): Promise<StatisticsStore>;
  smsLedger(): Promise<SmsLedger>;
  smsSender(): Promise<SmsSender>;
  officers(): Promise<OfficerDirectory>;
  rateLimiter(prefix: string, limit: number): RateLimiter;
  /** Aborts `shutdown`. */
  stop(): void;
  /** Closes what was opened, the last first; services must have stopped before. */
  close(): Promise<void>;
}

export interface PlatformOptions {
  /** Reaches an identity provider of this process without the network. */
  readonly identityFetch?: Fetch;
}

function identityOptions(config: Config, audience: Audience, { identityFetch }: PlatformOptions) {
  if (config.KEYCLOAK_URL === undefined) {
    throw new ConfigError([
      "KEYCLOAK_URL is not set: run `deno task dev`, or `deno task backends` beside this process",
    ]);
  }
  return {
    issuer: `${config.KEYCLOAK_URL}/realms/${config.KEYCLOAK_REALM}`,
    audience,
    acceptedClients: ["auth-service", "portal", "simulasi"],
    client: { id: audience, secret: config.secrets[CLIENT_SECRETS[audience]] },
    ...(identityFetch && { fetch: identityFetch }),
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

export type Audience = keyof typeof CLIENT_SECRETS;

function databaseUrl(config: Config): string {
  if (config.DATABASE_URL !== undefined) return config.DATABASE_URL;
  throw new ConfigError([
    "DATABASE_URL is not set: run `deno task dev`, or `deno task backends` beside this process",
  ]);
}

/** Opens at the first call; a failed opening is tried again at the next. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open().catch((error) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}
