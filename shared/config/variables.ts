import * as z from "zod";
import { AUDIT_SINKS, type AuditSinkName } from "../ports/audit_sink.ts";
import { parseTelepon } from "../ports/sms.ts";
import { LEVELS, parseLogLevels } from "../telemetry/log_levels.ts";
import { url } from "./url.ts";

const integer = (least: number, most: number) =>
  z.string().regex(/^\d{1,9}$/, `must be a whole number from ${least} to ${most}`).transform(Number)
    .refine((n) => n >= least && n <= most, `must be a whole number from ${least} to ${most}`);
const origin = url("http", "https").transform((text) => text.replace(/\/+$/, ""));
const oneOf = <const T extends readonly [string, ...string[]]>(...values: T) =>
  z.enum(values, `must be one of ${values.join(", ")}`);
const list = z.string().transform((text) => text.split(",").map((item) => item.trim()).filter(Boolean));

/** Every variable of every process but the secrets, with its default; a message follows the variable's name. */
export const Variables = z.object({
  APP_ENV: oneOf("development", "production").default("development"),
  HOST: z.string().default("127.0.0.1"),
  /** Each process has a default of its own: the edge 8000, the workers 8001 and up. */
  PORT: integer(1, 65535).optional(),
  /** The commit that runs, for the log and the metrics; the images set it. */
  REVISION: z.string().regex(/^[\w.-]{1,64}$/, "must be the name of a commit").default("dev"),
  /** Where the embedded servers of `deno task dev` keep their data. */
  DATA_DIR: z.string().default(".data"),
  /** For all, and after commas for parts of it: "info,kafka=debug". */
  LOG_LEVEL: z.string().default("info").transform((text, context) => {
    const levels = parseLogLevels(text);
    if (levels !== undefined) return levels;
    const message = `must be one of ${LEVELS.join(", ")}; parts may follow, as in info,kafka=debug`;
    context.addIssue({ code: "custom", message, input: undefined });
    return z.NEVER;
  }),
  LOG_FORMAT: oneOf("text", "json").optional(),

  /** Traces. Deno itself reads these; they stand here so that a wrong one stops the start. */
  OTEL_DENO: oneOf("true", "false").default("false"),
  /** Names the process in traces. */
  OTEL_SERVICE_NAME: z.string().optional(),
  /** Of a collector that speaks OTLP over HTTP. */
  OTEL_EXPORTER_OTLP_ENDPOINT: origin.optional(),
  /** Who sends no trace, or is not trusted with one, is sampled by this; unset, everything is. */
  OTEL_TRACES_SAMPLER: oneOf(
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
  ).optional(),
  OTEL_TRACES_SAMPLER_ARG: z.string().regex(/^(0(\.\d+)?|1(\.0+)?)$/, "must be a number from 0 to 1")
    .optional(),
  /** Which headers Deno adds to requests, and reads; the trace is carried by us, so that none need be. */
  OTEL_PROPAGATORS: z.string().optional(),
  /** Deno's own metrics and what is printed, both to the collector. */
  OTEL_DENO_METRICS: oneOf("true", "false").optional(),
  OTEL_DENO_CONSOLE: oneOf("capture", "ignore", "replace").optional(),

  /** Where audit lines go: each is in all of them before an answer goes out. The first is written first. */
  AUDIT_SINKS: list.transform((names, context): [AuditSinkName, ...AuditSinkName[]] => {
    const [first, ...others] = names.flatMap((name) => AUDIT_SINKS.find((known) => known === name) ?? []);
    if (first !== undefined && others.length + 1 === names.length) return [first, ...others];
    context.addIssue({
      code: "custom",
      message: `must list some of ${AUDIT_SINKS.join(", ")}`,
      input: undefined,
    });
    return z.NEVER;
  }).default(["stdout"]),
  /** Of one process alone: two that write to one file would cut each other's lines. */
  AUDIT_FILE: z.string().default(".data/audit/audit.jsonl"),

  /** JSON file of the encryption keys, see shared/security/key_ring.ts. */
  KEYS_FILE: z.string().optional(),
  /** File of the keys that the data keys of MongoDB's fields are wrapped by, see shared/security/master_key.ts. */
  MONGODB_MASTER_KEY_FILE: z.string().optional(),
  /** Where this process reaches Keycloak. */
  KEYCLOAK_URL: origin.optional(),
  /** `iss` of the tokens, and where browsers sign in; unset, it is the realm at KEYCLOAK_URL. */
  KEYCLOAK_ISSUER: origin.optional(),
  KEYCLOAK_REALM: z.string().default("gov-realm"),
  /** Comma-separated clients whose tokens are taken for a user's. */
  ACCEPTED_CLIENTS: list.optional(),

  /** Where the probe finds the edge. */
  EDGE_URL: origin.default("http://127.0.0.1:8000"),
  /** Where the edge finds the origins, and the port on which it serves metrics and health apart from the public. */
  AUTH_URL: origin.default("http://127.0.0.1:8001"),
  REGISTRATION_URL: origin.default("http://127.0.0.1:8002"),
  STATISTICS_URL: origin.default("http://127.0.0.1:8003"),
  NOTIFICATION_URL: origin.default("http://127.0.0.1:8004"),
  OPERATIONS_PORT: integer(1, 65535).optional(),

  RATE_LIMIT_PER_MINUTE: integer(1, 100_000).default(100),
  LOGIN_LIMIT_PER_MINUTE: integer(1, 100_000).default(60),
  /** How often a minute a user may be told that a NIK is registered already. */
  CONFLICT_LIMIT_PER_MINUTE: integer(1, 100_000).default(10),
  /** How many proxies of our own stand before the edge and append to X-Forwarded-For. */
  TRUSTED_PROXIES: integer(0, 8).default(0),
  TRUST_TRACEPARENT: oneOf("yes", "no").default("yes"),
  CORS_ORIGINS: list.default([]),

  /** Comma-separated host:port; unset, the log is a table in PostgreSQL. */
  KAFKA_BROKERS: list.optional(),
  KAFKA_SSL: oneOf("yes", "no").default("no"),
  /** Of topics that are made now. */
  PARTITIONS: integer(1, 1000).default(10),
  KAFKA_REPLICATION: integer(1, 9).default(1),
  KAFKA_MIN_INSYNC: integer(1, 9).default(1),

  UPSTASH_REDIS_REST_URL: origin.optional(),

  /** Unset, SMS stay in the local outbox and are never sent. */
  TWILIO_ACCOUNT_SID: z.string().regex(/^AC[0-9a-f]{32}$/, "must be AC and 32 hexadecimal digits").optional(),
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
