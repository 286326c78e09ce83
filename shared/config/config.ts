import { z } from "zod";
import { DEVELOPMENT_SECRETS } from "../adapters/embedded/identity/development_secrets.ts";
import { parseTelepon } from "../ports/sms.ts";
import type { Environment } from "./environment.ts";

/**
 * The configuration of one process. Every variable is optional in development; `APP_ENV=production` refuses to fall
 * back on an embedded default or a development secret.
 */
export type Config = z.output<typeof Variables> & { readonly secrets: Readonly<Record<SecretName, string>> };

/** Parses the variables; throws `ConfigError` with one sentence for each that is wrong or missing. */
export function toConfig(environment: Environment): Config {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = Variables.safeParse(present);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
  const production = environment.APP_ENV === "production";
  if (production) {
    for (const name of REQUIRED_IN_PRODUCTION) {
      if (!present[name]) problems.push(`${name} must be set in production`);
    }
  }
  const secret = (name: SecretName): string => {
    const value = present[name] ?? DEVELOPMENT_SECRETS[name] ?? "";
    if (production && value === DEVELOPMENT_SECRETS[name]) {
      problems.push(`${name} must be set in production, and not to the development secret`);
    } else if (value.startsWith("${")) problems.push(`${name} holds an unresolved reference`);
    return value;
  };
  const secrets = {
    GOV_GATEWAY_SECRET: secret("GOV_GATEWAY_SECRET"),
    GOV_AUTH_SERVICE_SECRET: secret("GOV_AUTH_SERVICE_SECRET"),
    GOV_PENDAFTARAN_SECRET: secret("GOV_PENDAFTARAN_SECRET"),
    GOV_STATISTIK_SECRET: secret("GOV_STATISTIK_SECRET"),
    GOV_NOTIFIKASI_SECRET: secret("GOV_NOTIFIKASI_SECRET"),
  };
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return { ...parsed.data, secrets };
}

export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(readonly problems: readonly string[]) {
    super(problems.join("; "));
  }
}

/** Secrets of the identity realm, by the names that ops/keycloak/gov-realm-realm.json refers to. */
export type SecretName =
  | "GOV_GATEWAY_SECRET"
  | "GOV_AUTH_SERVICE_SECRET"
  | "GOV_PENDAFTARAN_SECRET"
  | "GOV_STATISTIK_SECRET"
  | "GOV_NOTIFIKASI_SECRET";

const REQUIRED_IN_PRODUCTION = [
  "DATABASE_URL",
  "KEYS_FILE",
  "KEYCLOAK_URL",
  "DEFAULT_OFFICER_PHONE",
] as const;

const integer = (least: number, most: number) =>
  z.string().regex(/^\d{1,9}$/, `must be a whole number from ${least} to ${most}`).transform(Number)
    .refine((n) => n >= least && n <= most, `must be a whole number from ${least} to ${most}`);
const url = (...schemes: readonly string[]) =>
  z.string().refine(
    (text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)),
    `must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`,
  );
const origin = url("http", "https").transform((text) => text.replace(/\/+$/, ""));
const oneOf = <const T extends readonly [string, ...string[]]>(...values: T) =>
  z.enum(values, `must be one of ${values.join(", ")}`);
const list = z.string().transform((text) => text.split(",").map((item) => item.trim()).filter(Boolean));

const Variables = z.object({
  APP_ENV: oneOf("development", "production").default("development"),
  HOST: z.string().default("127.0.0.1"),
  /** Each process has a default of its own: the edge 8000, the workers 8001 and up. */
  PORT: integer(1, 65535).optional(),
  /** Where the embedded servers of `deno task dev` keep their data. */
  DATA_DIR: z.string().default(".data"),
  LOG_LEVEL: oneOf("debug", "info", "warning", "error").default("info"),
  LOG_FORMAT: oneOf("text", "json").optional(),

  DATABASE_URL: url("postgres", "postgresql").optional(),
  /** JSON file of the encryption keys, see shared/security/key_ring.ts. */
  KEYS_FILE: z.string().optional(),
  KEYCLOAK_URL: origin.optional(),
  KEYCLOAK_REALM: z.string().default("gov-realm"),

  /** Where the edge finds the origins, and the port on which it serves metrics and health apart from the public. */
  AUTH_URL: origin.default("http://127.0.0.1:8001"),
  REGISTRATION_URL: origin.default("http://127.0.0.1:8002"),
  STATISTICS_URL: origin.default("http://127.0.0.1:8003"),
  NOTIFICATION_URL: origin.default("http://127.0.0.1:8004"),
  OPERATIONS_PORT: integer(1, 65535).optional(),

  RATE_LIMIT_PER_MINUTE: integer(1, 100_000).default(100),
  LOGIN_LIMIT_PER_MINUTE: integer(1, 100_000).default(60),
  /** How many proxies of our own stand before the edge and append to X-Forwarded-For. */
  TRUSTED_PROXIES: integer(0, 8).default(0),
  TRUST_TRACEPARENT: oneOf("yes", "no").default("yes"),
  CORS_ORIGINS: list.default([]),

  /** Comma-separated host:port; unset, the log is a table in PostgreSQL. */
  KAFKA_BROKERS: list.optional(),
  KAFKA_SSL: oneOf("yes", "no").default("no"),
  KAFKA_USERNAME: z.string().optional(),
  KAFKA_PASSWORD: z.string().optional(),
  /** Of topics that are made now. */
  PARTITIONS: integer(1, 1000).default(10),
  KAFKA_REPLICATION: integer(1, 9).default(1),
  KAFKA_MIN_INSYNC: integer(1, 9).default(1),

  /** Unset, statistics, SMS ledger and officers are tables in PostgreSQL. */
  MONGODB_URI: url("mongodb", "mongodb+srv").optional(),
  REDIS_URL: url("redis", "rediss").optional(),
  UPSTASH_REDIS_REST_URL: origin.optional(),
  UPSTASH_REDIS_REST_TOKEN: z.string().optional(),

  /** Unset, SMS stay in the local outbox and are never sent. */
  TWILIO_ACCOUNT_SID: z.string().regex(/^AC[0-9a-f]{32}$/, "must be AC and 32 hexadecimal digits").optional(),
  TWILIO_AUTH_TOKEN: z.string().optional(),
  /** A registered alphanumeric sender, or a messaging service (MG…): two-way numbers do not work in Indonesia. */
  TWILIO_FROM: z.string().optional(),
  TWILIO_API_URL: origin.default("https://api.twilio.com"),
  /** The public URL of the edge's `/sms/status`, under which Twilio reports deliveries and which it signs. */
  TWILIO_STATUS_CALLBACK: url("http", "https").optional(),
  SMS_NIK: oneOf("masked", "full").default("masked"),
  /** Told of registrations in a province that has no officer. */
  DEFAULT_OFFICER_PHONE: z.string().default("+6281100000000").transform((text, context) => {
    const telepon = parseTelepon(text);
    if (telepon !== undefined) return telepon;
    context.addIssue({
      code: "custom",
      message: "must be a number in E.164, for instance +62812…",
      input: undefined,
    });
    return z.NEVER;
  }),
});
