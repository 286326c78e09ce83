import type { Part } from "./config.ts";
import type { SecretVariable } from "./secrets.ts";
import type { Variables } from "./variables.ts";

type Variable = keyof typeof Variables.shape | SecretVariable;

const PROCESS = [
  ...["APP_ENV", "HOST", "PORT", "LOG_LEVEL", "LOG_FORMAT", "REVISION"] as const,
  ...["OTEL_DENO", "OTEL_SERVICE_NAME", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_SAMPLER"] as const,
  ...["OTEL_TRACES_SAMPLER_ARG", "OTEL_PROPAGATORS", "OTEL_DENO_METRICS", "OTEL_DENO_CONSOLE"] as const,
] as const;
const AUDIT = ["AUDIT_SINKS", "AUDIT_FILE"] as const;
const IDENTITY = ["KEYCLOAK_URL", "KEYCLOAK_ISSUER", "KEYCLOAK_REALM", "ACCEPTED_CLIENTS"] as const;
const KAFKA = [
  ...["KAFKA_BROKERS", "KAFKA_SSL", "KAFKA_USERNAME", "KAFKA_PASSWORD", "PARTITIONS"] as const,
  ...["KAFKA_REPLICATION", "KAFKA_MIN_INSYNC"] as const,
] as const;

/** What each part is told: its process may read no other variable, and reach no server but those that these name. */
export const PART_VARIABLES: Readonly<Record<Part, readonly Variable[]>> = {
  edge: [
    ...[...PROCESS, ...AUDIT, ...IDENTITY, "GOV_GATEWAY_SECRET"] as const,
    ...["AUTH_URL", "REGISTRATION_URL", "STATISTICS_URL", "NOTIFICATION_URL", "OPERATIONS_PORT"] as const,
    ...["RATE_LIMIT_PER_MINUTE", "LOGIN_LIMIT_PER_MINUTE", "CONFLICT_LIMIT_PER_MINUTE"] as const,
    ...["REDIS_URL", "UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"] as const,
    ...["TRUSTED_PROXIES", "TRUST_TRACEPARENT", "CORS_ORIGINS"] as const,
  ],
  auth: [...PROCESS, ...AUDIT, ...IDENTITY, "GOV_AUTH_SERVICE_SECRET"],
  registration: [
    ...[...PROCESS, ...AUDIT, ...IDENTITY, "GOV_PENDAFTARAN_SECRET", "DATABASE_URL", "KEYS_FILE"] as const,
  ],
  relay: [...PROCESS, ...KAFKA, "DATABASE_URL"],
  statistics: [
    ...[...PROCESS, ...AUDIT, ...IDENTITY, ...KAFKA, "GOV_STATISTIK_SECRET"] as const,
    ...["DATABASE_URL", "MONGODB_URI"] as const,
  ],
  notification: [
    ...[...PROCESS, ...AUDIT, ...IDENTITY, ...KAFKA, "GOV_NOTIFIKASI_SECRET", "KEYS_FILE"] as const,
    ...[
      "DATABASE_URL",
      "MONGODB_URI",
      "MONGODB_MASTER_KEY_FILE",
      "SMS_NIK",
      "DEFAULT_OFFICER_PHONE",
    ] as const,
    ...["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM", "TWILIO_API_URL"] as const,
    "TWILIO_STATUS_CALLBACK",
  ],
  probe: [...PROCESS, "KEYCLOAK_URL", "KEYCLOAK_REALM", "GOV_PROBE_SECRET", "EDGE_URL"],
};
