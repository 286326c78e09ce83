import type { z } from "zod";
import { DEVELOPMENT_SECRETS } from "../adapters/embedded/identity/development_secrets.ts";
import { Secret } from "../security/secret.ts";
import type { Environment } from "./environment.ts";
import { isInClear } from "./production.ts";
import { type OpenedSecrets, openSecrets, type SecretName } from "./secrets.ts";
import { Variables } from "./variables.ts";

/**
 * The configuration of one process. Every variable is optional in development; `APP_ENV=production` refuses to fall
 * back on an embedded default or a development secret.
 */
export interface Config extends z.output<typeof Variables> {
  readonly DATABASE_URL: Secret | undefined;
  /** Unset, statistics, SMS ledger and officers are tables in PostgreSQL. */
  readonly MONGODB_URI: Secret | undefined;
  /** Clients of the identity provider whose tokens are taken for a user's. */
  readonly acceptedClients: readonly string[];
  /** Those of our clients at the identity provider. */
  readonly secrets: Readonly<Record<SecretName, Secret>>;
  readonly kafka: KafkaConfig | undefined;
  readonly twilio: TwilioConfig | undefined;
  readonly limiterStore: LimiterStore;
}

/**
 * Parses the variables; throws `ConfigError` with one sentence for each that is wrong or, in production, missing for
 * one of the parts that this process runs.
 */
export function toConfig(environment: Environment, parts: readonly Part[] = PARTS): Config {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = Variables.safeParse(present);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
  const production = environment["APP_ENV"] === "production";
  const required = new Set(production ? parts.flatMap((part) => REQUIRED_IN_PRODUCTION[part]) : []);
  for (const name of required) {
    const instead = name === "REDIS_URL" && present["UPSTASH_REDIS_REST_URL"];
    if (!present[name] && !present[`${name}_FILE`] && !instead) {
      problems.push(`${name} must be set in production`);
    }
  }
  const opened = openSecrets(present);
  problems.push(...opened.problems);
  if (!parsed.success) throw new ConfigError(problems);
  if (production) problems.push(...inClear(parsed.data));
  const acceptedClients = parsed.data.ACCEPTED_CLIENTS ??
    (production ? USER_CLIENTS : [...USER_CLIENTS, BULK_CLIENT]);
  problems.push(...unacceptable(acceptedClients, production));
  const values = { ...parsed.data, ...opened.secrets };
  const needs: Needs = (variable, cause) => {
    const value = values[variable];
    if (value === undefined) problems.push(`${variable} must be set too, because ${cause} is`);
    return value;
  };
  if (production && values.OTEL_DENO === "true") {
    // Without a sampler everything would be recorded, and without a name nobody knew of whom.
    for (const name of ["OTEL_SERVICE_NAME", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_SAMPLER"] as const) {
      needs(name, "OTEL_DENO");
    }
  }
  const systems = {
    kafka: kafkaOf(values, needs),
    twilio: twilioOf(values, needs),
    limiterStore: limiterStoreOf(values, needs),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  const secret = (name: SecretName) =>
    values[name] ?? Secret.fixed(name, production ? "" : DEVELOPMENT_SECRETS[name] ?? "");
  return {
    ...parsed.data,
    ...systems,
    DATABASE_URL: values.DATABASE_URL,
    MONGODB_URI: values.MONGODB_URI,
    acceptedClients,
    secrets: {
      GOV_GATEWAY_SECRET: secret("GOV_GATEWAY_SECRET"),
      GOV_AUTH_SERVICE_SECRET: secret("GOV_AUTH_SERVICE_SECRET"),
      GOV_PENDAFTARAN_SECRET: secret("GOV_PENDAFTARAN_SECRET"),
      GOV_STATISTIK_SECRET: secret("GOV_STATISTIK_SECRET"),
      GOV_NOTIFIKASI_SECRET: secret("GOV_NOTIFIKASI_SECRET"),
      GOV_PROBE_SECRET: secret("GOV_PROBE_SECRET"),
    },
  };
}

/** Through which people log in, and the probe, whose role reaches no real person. */
const USER_CLIENTS = ["auth-service", "portal", "probe"];
/** Registers by the thousand, without a person and without a limit: for development and load tests. */
const BULK_CLIENT = "simulasi";

function unacceptable(clients: readonly string[], production: boolean): string[] {
  const problems = [];
  if (clients.includes("gateway")) {
    problems.push('ACCEPTED_CLIENTS must not name "gateway": its token is the edge\'s own');
  }
  if (production && clients.includes(BULK_CLIENT)) {
    problems.push(`ACCEPTED_CLIENTS must not name "${BULK_CLIENT}" in production`);
  }
  return problems;
}

export interface KafkaConfig {
  readonly brokers: readonly string[];
  readonly ssl: boolean;
  readonly credentials: { readonly username: Secret; readonly password: Secret } | undefined;
  readonly partitions: number;
  readonly replication: number;
  readonly minInsync: number;
}

export interface TwilioConfig {
  readonly accountSid: string;
  readonly authToken: Secret;
  readonly from: string;
  readonly apiUrl: string;
  readonly statusCallback: string | undefined;
}

/** Where the edge counts requests: in this process, or in a store that all its instances share. */
export type LimiterStore =
  | { readonly kind: "memory" }
  | { readonly kind: "redis"; readonly url: Secret }
  | { readonly kind: "upstash"; readonly url: string; readonly token: Secret };

type Values = z.output<typeof Variables> & OpenedSecrets["secrets"];
/** The value of a variable that another one makes necessary; notes it as a problem when it is not set. */
type Needs = <N extends keyof Values>(variable: N, cause: keyof Values) => Values[N];

function kafkaOf(values: Values, needs: Needs): KafkaConfig | undefined {
  if (values.KAFKA_BROKERS === undefined) return undefined;
  const username = values.KAFKA_USERNAME;
  const password = username && needs("KAFKA_PASSWORD", "KAFKA_USERNAME");
  return {
    brokers: values.KAFKA_BROKERS,
    ssl: values.KAFKA_SSL === "yes",
    credentials: username && password && { username, password },
    partitions: values.PARTITIONS,
    replication: values.KAFKA_REPLICATION,
    minInsync: values.KAFKA_MIN_INSYNC,
  };
}

function twilioOf(values: Values, needs: Needs): TwilioConfig | undefined {
  if (values.TWILIO_ACCOUNT_SID === undefined) return undefined;
  const authToken = needs("TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID");
  const from = needs("TWILIO_FROM", "TWILIO_ACCOUNT_SID");
  if (authToken === undefined || from === undefined) return undefined;
  return {
    accountSid: values.TWILIO_ACCOUNT_SID,
    authToken,
    from,
    apiUrl: values.TWILIO_API_URL,
    statusCallback: values.TWILIO_STATUS_CALLBACK,
  };
}

function limiterStoreOf(values: Values, needs: Needs): LimiterStore {
  // Of both, the direct way: a command over REST costs twice the CPU.
  if (values.REDIS_URL !== undefined) return { kind: "redis", url: values.REDIS_URL };
  const url = values.UPSTASH_REDIS_REST_URL;
  const token = url && needs("UPSTASH_REDIS_REST_TOKEN", "UPSTASH_REDIS_REST_URL");
  return url && token ? { kind: "upstash", url, token } : { kind: "memory" };
}

/** What would travel in clear in production; the secrets that are URLs are looked at by themselves. */
function inClear(values: Values): readonly string[] {
  const problems = (["KEYCLOAK_URL", "KEYCLOAK_ISSUER", "UPSTASH_REDIS_REST_URL", "TWILIO_API_URL"] as const)
    .filter((name) => isInClear(values[name] ?? ""))
    .map((name) => `${name} must begin with https:// in production`);
  const clearKafka = values.KAFKA_SSL === "no" &&
    values.KAFKA_BROKERS?.some((host) => isInClear(`http://${host}`));
  return clearKafka ? [...problems, "KAFKA_SSL must be yes in production"] : problems;
}

export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(readonly problems: readonly string[]) {
    super(problems.join("; "));
  }
}

export const PARTS = [
  "edge",
  "auth",
  "registration",
  "relay",
  "statistics",
  "notification",
  "probe",
] as const;
export type Part = typeof PARTS[number];

/** Each part gets what it needs and nothing else: the edge, for instance, must not know the database. */
const REQUIRED_IN_PRODUCTION = {
  edge: [
    "AUDIT_SINKS",
    "KEYCLOAK_URL",
    "GOV_GATEWAY_SECRET",
    "REDIS_URL",
    "AUTH_URL",
    "REGISTRATION_URL",
    "STATISTICS_URL",
    "NOTIFICATION_URL",
  ],
  auth: ["AUDIT_SINKS", "KEYCLOAK_URL", "GOV_AUTH_SERVICE_SECRET"],
  registration: ["AUDIT_SINKS", "KEYCLOAK_URL", "GOV_PENDAFTARAN_SECRET", "DATABASE_URL", "KEYS_FILE"],
  relay: ["DATABASE_URL", "KAFKA_BROKERS"],
  statistics: ["AUDIT_SINKS", "KEYCLOAK_URL", "GOV_STATISTIK_SECRET", "KAFKA_BROKERS", "MONGODB_URI"],
  notification: [
    "AUDIT_SINKS",
    "KEYCLOAK_URL",
    "GOV_NOTIFIKASI_SECRET",
    "KAFKA_BROKERS",
    "MONGODB_URI",
    "MONGODB_MASTER_KEY_FILE",
    "KEYS_FILE",
    "TWILIO_ACCOUNT_SID",
    "DEFAULT_OFFICER_PHONE",
  ],
  probe: ["KEYCLOAK_URL", "GOV_PROBE_SECRET", "EDGE_URL"],
} as const satisfies Record<Part, readonly string[]>;
