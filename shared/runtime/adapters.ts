import { openEmbeddedEventLog } from "../adapters/embedded/event_log/event_log.ts";
import { EmbeddedRateLimitStore } from "../adapters/embedded/rate_limit_store.ts";
import { openEmbeddedSmsLedger } from "../adapters/embedded/sms/ledger.ts";
import { openLocalOutbox } from "../adapters/embedded/sms/local_outbox.ts";
import { openEmbeddedOfficers } from "../adapters/embedded/sms/officers.ts";
import { openEmbeddedStatisticsStore } from "../adapters/embedded/statistics_store/statistics_store.ts";
import type { Mongo } from "../adapters/mongodb/connect.ts";
import type { FieldEncryptionOptions } from "../adapters/mongodb/encryption/field_encryption.ts";
import { openIdentity } from "../adapters/keycloak/identity.ts";
import { checkIdentity } from "../adapters/keycloak/start_check.ts";
import type { RemoteStore } from "../adapters/redis/first_contact.ts";
import { openRateLimiter } from "../adapters/redis/rate_limiter.ts";
import { openMasterKeyFile } from "../config/master_key_file.ts";
import type { Identity } from "../ports/identity.ts";
import type { EventLog } from "../ports/event_log.ts";
import type { RateLimiter } from "../ports/rate_limiter.ts";
import { leaseFor, type OfficerRegister, type SmsLedger, type SmsSender } from "../ports/sms.ts";
import type { StatisticsStore } from "../ports/statistics_store.ts";
import { type Audience, identityCheck, identityOptions } from "./identity_options.ts";
import type { Platform } from "./platform.ts";

/** The adapters of one name share it. */
const SMS_POOL = { max: 6, role: "notification", byIndex: true } as const;

/**
 * Which adapter stands behind each port: the production one when its variable is set, else the embedded one. The
 * drivers of the production adapters are loaded only when they are chosen: together they take longer than the start.
 */
export const ADAPTERS = {
  async eventLog({ config, databaseUrl }: Platform): Promise<EventLog> {
    if (!config.kafka) {
      return await openEmbeddedEventLog({
        url: await databaseUrl("event_log"),
        partitions: config.PARTITIONS,
      });
    }
    const { openKafkaEventLog } = await import("../adapters/kafka/event_log.ts");
    return await openKafkaEventLog(config.kafka);
  },

  async statisticsStore(platform: Platform): Promise<StatisticsStore> {
    const mongo = await platform.mongo();
    if (!mongo) {
      return await openEmbeddedStatisticsStore(
        await platform.pool("statistics", { max: 4, role: "statistics" }),
      );
    }
    const { openMongoStatisticsStore } = await import("../adapters/mongodb/statistics_store.ts");
    return await openMongoStatisticsStore(mongo);
  },

  async smsLedger(platform: Platform): Promise<SmsLedger> {
    const mongo = await platform.mongo();
    const leaseMs = leaseFor(await platform.smsSender());
    if (!mongo) {
      const { columns } = await platform.keys();
      return await openEmbeddedSmsLedger(await platform.pool("sms", SMS_POOL), columns, { leaseMs });
    }
    const { openMongoSmsLedger } = await import("../adapters/mongodb/sms_ledger.ts");
    return await openMongoSmsLedger(mongo, fieldEncryption(platform), { leaseMs });
  },

  async officers(platform: Platform): Promise<OfficerRegister> {
    const mongo = await platform.mongo();
    const options = { defaultOfficer: platform.config.DEFAULT_OFFICER_PHONE };
    if (!mongo) {
      const { columns } = await platform.keys();
      return await openEmbeddedOfficers(await platform.pool("sms", SMS_POOL), columns, options);
    }
    const { openMongoOfficers } = await import("../adapters/mongodb/officers.ts");
    return await openMongoOfficers(mongo, fieldEncryption(platform), options);
  },

  async smsSender(platform: Platform): Promise<SmsSender> {
    const { config } = platform;
    if (!config.twilio) {
      return await openLocalOutbox(await platform.pool("sms", SMS_POOL), (await platform.keys()).columns);
    }
    const { openTwilioSender } = await import("../adapters/twilio/sender.ts");
    return await openTwilioSender(config.twilio);
  },

  async identity(platform: Platform, audience: Audience): Promise<Identity> {
    const { config, identityFetch, shutdown } = platform;
    const options = {
      ...identityOptions(config, audience),
      ...(identityFetch && { fetch: identityFetch }),
      observe: platform.observeIdentity(audience),
    };
    await checkIdentity(identityCheck(config, audience, { fetch: identityFetch, signal: shutdown }));
    return openIdentity(options);
  },

  async mongo({ config }: Platform): Promise<Mongo | undefined> {
    if (config.MONGODB_URI === undefined) return undefined;
    const { openMongo } = await import("../adapters/mongodb/connect.ts");
    return await openMongo(config.MONGODB_URI);
  },

  async limiterStore({ config: { limiterStore: store } }: Platform): Promise<RemoteStore | undefined> {
    switch (store.kind) {
      case "memory":
        return undefined;
      case "redis":
        return await (await import("../adapters/redis/ioredis_store.ts")).openRedisStore(store.url);
      case "upstash":
        return await (await import("../adapters/redis/upstash_store.ts")).openUpstashStore(
          store.url,
          store.token,
        );
    }
  },

  async rateLimiter(platform: Platform, prefix: string, limit: number): Promise<RateLimiter> {
    const window = { limit, windowMs: 60_000, prefix };
    const inProcess = new EmbeddedRateLimitStore();
    const shared = await platform.limiterStore();
    return openRateLimiter(
      shared ? { ...window, store: shared, fallback: inProcess } : { ...window, store: inProcess },
    );
  },
};

function fieldEncryption({ config }: Platform): FieldEncryptionOptions {
  const masterKeys = openMasterKeyFile(config);
  return { masterKeys: () => Promise.resolve(masterKeys()) };
}
