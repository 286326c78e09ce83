import * as z from "zod";
import { Secret } from "../security/secret.ts";
import type { Environment } from "./environment.ts";
import { weaknessOf } from "./production.ts";
import { openSecretFile } from "./secret_file.ts";
import { url } from "./url.ts";

/**
 * Every variable that holds a secret. Each is given by itself, or by `NAME_FILE`, which names a file that holds it and
 * may change while the process runs.
 */
const SECRETS = {
  DATABASE_URL: url("postgres", "postgresql"),
  MONGODB_URI: url("mongodb", "mongodb+srv"),
  REDIS_URL: url("redis", "rediss"),
  UPSTASH_REDIS_REST_TOKEN: z.string(),
  KAFKA_USERNAME: z.string(),
  KAFKA_PASSWORD: z.string(),
  TWILIO_AUTH_TOKEN: z.string(),
  // Those of the identity realm, by the names that ops/keycloak/gov-realm-realm.json refers to.
  GOV_GATEWAY_SECRET: z.string(),
  GOV_AUTH_SERVICE_SECRET: z.string(),
  GOV_PENDAFTARAN_SECRET: z.string(),
  GOV_STATISTIK_SECRET: z.string(),
  GOV_NOTIFIKASI_SECRET: z.string(),
  GOV_PROBE_SECRET: z.string(),
} as const satisfies Record<string, z.ZodType<string>>;

export type SecretVariable = keyof typeof SECRETS;
export type SecretName = Extract<SecretVariable, `GOV_${string}`>;
export const SECRET_VARIABLES = z.keyof(z.object(SECRETS)).options;

/** The secrets that are set, and a sentence for each that is wrong. */
export function openSecrets(environment: Environment): OpenedSecrets {
  const production = environment["APP_ENV"] === "production";
  const secrets: OpenedSecrets["secrets"] = {};
  const problems: string[] = [];
  for (const name of SECRET_VARIABLES) {
    const faultOf = (value: string) => fault(name, value, production);
    const secret = open(name, environment, faultOf, production);
    if (secret instanceof Secret) secrets[name] = secret;
    else if (secret !== undefined) problems.push(secret);
  }
  return { secrets, problems };
}

export interface OpenedSecrets {
  readonly secrets: Partial<Record<SecretVariable, Secret>>;
  readonly problems: readonly string[];
}

function open(
  name: SecretVariable,
  environment: Environment,
  faultOf: (value: string) => string | undefined,
  production: boolean,
): Secret | string | undefined {
  const value = environment[name];
  const path = environment[`${name}_FILE`];
  if (path && value) return `${name} and ${name}_FILE must not both be set`;
  if (path) {
    const opened = openSecretFile({ variable: name, path, faultOf, forAll: !production });
    return opened instanceof Secret ? opened : `${name}_FILE ${opened.fault}`;
  }
  if (!value) return undefined;
  const wrong = faultOf(value);
  return wrong === undefined ? Secret.fixed(name, value) : `${name} ${wrong}`;
}

/** Goes on from the variable's name and never repeats the value. */
function fault(name: SecretVariable, value: string, production: boolean): string | undefined {
  if (value.startsWith("${")) return "holds an unresolved reference";
  const [issue] = SECRETS[name].safeParse(value).error?.issues ?? [];
  return issue?.message ?? (production ? weaknessOf(name, value) : undefined);
}
