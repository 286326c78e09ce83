import type { IdentityObserver } from "../adapters/keycloak/identity_event.ts";
import type { Fetch } from "../adapters/keycloak/provider.ts";
import type { Mongo } from "../adapters/mongodb/connect.ts";
import { openPool, type Pool, type PoolOptions } from "../adapters/postgres/pool.ts";
import { asRole, type DatabaseRole } from "../adapters/postgres/roles.ts";
import { checkDatabase } from "../adapters/postgres/start_check.ts";
import type { RemoteStore } from "../adapters/redis/first_contact.ts";
import { type Config, ConfigError } from "../config/config.ts";
import { openKeysFile } from "../config/keys_file.ts";
import type { EventLog } from "../ports/event_log.ts";
import type { Identity } from "../ports/identity.ts";
import type { RateLimiter } from "../ports/rate_limiter.ts";
import type { OfficerRegister, SmsLedger, SmsSender } from "../ports/sms.ts";
import type { StatisticsStore } from "../ports/statistics_store.ts";
import type { Keys } from "../security/key_ring.ts";
import type { Secret } from "../security/secret.ts";
import { type EventMetrics, observeEvents } from "../telemetry/event_metrics.ts";
import { observeIdentity } from "../telemetry/identity_metrics.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import { observeProcess } from "../telemetry/process_metrics.ts";
import { ADAPTERS } from "./adapters.ts";
import { openAudit, type ProcessAudit } from "./audit.ts";
import type { Audience } from "./identity_options.ts";
import { observePools } from "./pool_metrics.ts";

/**
 * What the configuration puts behind each port, opened when a service first asks for it and shared by the services of
 * one process. Opening waits for a server that is away and rejects with a sentence that names the variable.
 */
export function openPlatform(config: Config, { identityFetch }: PlatformOptions = {}): Platform {
  const stopping = new AbortController();
  const pools = new Map<string, Pool>();
  const metrics = createMetrics();
  observeProcess(metrics, config.REVISION, stopping.signal);
  observePools(metrics, pools);
  const closers: (() => Promise<void> | void)[] = [];
  const closing = async <T extends { close(): Promise<void> | void } | undefined>(
    opened: Promise<T>,
  ): Promise<T> => {
    const resource = await opened;
    if (resource) closers.unshift(() => resource.close());
    return resource;
  };
  const databaseReady = once(async () => {
    const url = configuredDatabase(config);
    await checkDatabase(url, { signal: stopping.signal });
    return url;
  });
  const databaseUrl = async (role: DatabaseRole) => (await databaseReady()).map((url) => asRole(url, role));
  let opened: Promise<ProcessAudit> | undefined;
  const audit = (service: string) => opened ??= closing(openAudit(platform, service));
  const platform: Platform = {
    config,
    metrics,
    events: observeEvents(metrics),
    observeIdentity: observeIdentity(metrics),
    shutdown: stopping.signal,
    identityFetch,
    keys: once(async () => {
      const file = await closing(Promise.resolve(openKeysFile(config)));
      const help = "1 while KEYS_FILE cannot be used as it is now and older keys serve";
      platform.metrics.gauge("keys_degraded", help, () => Number(file.degraded()));
      return file.keys;
    }),
    databaseUrl,
    async pool(name, { role, ...options }) {
      const pool = pools.get(name) ?? openPool(await databaseUrl(role), { ...options, name });
      pools.set(name, pool);
      return pool;
    },
    audit,
    identity: (audience) => ADAPTERS.identity(platform, audience),
    eventLog: once(() => closing(ADAPTERS.eventLog(platform))),
    statisticsStore: once(() => closing(ADAPTERS.statisticsStore(platform))),
    smsLedger: once(() => closing(ADAPTERS.smsLedger(platform))),
    smsSender: once(() => ADAPTERS.smsSender(platform)),
    officers: once(() => closing(ADAPTERS.officers(platform))),
    mongo: once(() => closing(ADAPTERS.mongo(platform))),
    limiterStore: once(() => closing(ADAPTERS.limiterStore(platform))),
    rateLimiter: (prefix, limit) => ADAPTERS.rateLimiter(platform, prefix, limit),
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
  readonly events: EventMetrics;
  readonly observeIdentity: (audience: Audience) => IdentityObserver;
  /** Aborts when the process is told to stop. */
  readonly shutdown: AbortSignal;
  readonly identityFetch: Fetch | undefined;
  keys(): Promise<Keys>;
  /** For those that need a session of their own. It has the rights of the role and no others. */
  databaseUrl(role: DatabaseRole): Promise<Secret>;
  /**
   * Connections of one purpose, so that one kind of work cannot take them all from another, with the rights of its role
   * and no others.
   */
  pool(name: string, options: Omit<PoolOptions, "name"> & { readonly role: DatabaseRole }): Promise<Pool>;
  /** The audit of this process; a service asks for its own by name. The first to ask names the process. */
  audit(service: string): Promise<ProcessAudit>;
  identity(audience: Audience): Promise<Identity>;
  eventLog(): Promise<EventLog>;
  statisticsStore(): Promise<StatisticsStore>;
  smsLedger(): Promise<SmsLedger>;
  smsSender(): Promise<SmsSender>;
  officers(): Promise<OfficerRegister>;
  /** The connection that statistics, ledger and officers share, where MongoDB is chosen. */
  mongo(): Promise<Mongo | undefined>;
  /** The store that all instances of the edge share, where one is chosen. */
  limiterStore(): Promise<RemoteStore | undefined>;
  rateLimiter(prefix: string, limit: number): Promise<RateLimiter>;
  /** Aborts `shutdown`. */
  stop(): void;
  /** Closes what was opened, the last first; services must have stopped before. */
  close(): Promise<void>;
}

export interface PlatformOptions {
  /** Reaches an identity provider of this process without the network. */
  readonly identityFetch?: Fetch;
}

function configuredDatabase({ DATABASE_URL }: Config): Secret {
  if (DATABASE_URL !== undefined) return DATABASE_URL;
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
