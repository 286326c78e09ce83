import { DEVELOPMENT_SECRETS } from "../adapters/embedded/identity/development_secrets.ts";
import { Secret } from "../security/secret.ts";
import { ConfigError } from "./config.ts";
import type { Environment } from "./environment.ts";
import { isInClear, weaknessOf } from "./production.ts";
import { openSecretFile } from "./secret_file.ts";
import { parseUrl } from "./url.ts";

/**
 * Where `deno task users` finds the identity provider, and the secret of its own client there: no other process has it.
 * Throws `ConfigError` with one sentence for each variable that is wrong.
 */
export function toUsersConfig(environment: Environment): UsersConfig {
  const production = environment["APP_ENV"] === "production";
  const embedded = `http://${environment["HOST"] || "127.0.0.1"}:${environment["PORT"] || 8000}`;
  const url = environment["KEYCLOAK_URL"] || (production ? "" : embedded);
  const secret = readSecret(environment, production);
  const problems: string[] = [];
  if (url === "") problems.push("KEYCLOAK_URL must be set in production");
  else if (!/^https?:$/.test(parseUrl(url)?.protocol ?? "")) {
    problems.push("KEYCLOAK_URL must be a URL that begins with http:// or https://");
  }
  if (production && isInClear(url)) {
    problems.push("KEYCLOAK_URL must begin with https:// in production: new passwords travel there");
  }
  if (typeof secret === "string") problems.push(secret);
  if (problems.length > 0 || typeof secret === "string") throw new ConfigError(problems);
  const realm = environment["KEYCLOAK_REALM"] || "gov-realm";
  return { url: url.replace(/\/+$/, ""), realm, client: { id: "auth-admin", secret } };
}

/** The secret, or the sentence of what is wrong with it. */
function readSecret(environment: Environment, production: boolean): Secret | string {
  const value = environment[NAME];
  const path = environment[`${NAME}_FILE`];
  const faultOf = (value: string) => {
    if (value.startsWith("${")) return "holds an unresolved reference";
    return production ? weaknessOf(NAME, value) : undefined;
  };
  if (path && value) return `${NAME} and ${NAME}_FILE must not both be set`;
  if (path) {
    const opened = openSecretFile({ variable: NAME, path, faultOf, forAll: !production });
    return opened instanceof Secret ? opened : `${NAME}_FILE ${opened.fault}`;
  }
  const given = value || (production ? "" : DEVELOPMENT_SECRETS[NAME] ?? "");
  if (given === "") return `${NAME} or ${NAME}_FILE must be set in production`;
  const fault = faultOf(given);
  return fault === undefined ? Secret.fixed(NAME, given) : `${NAME} ${fault}`;
}

const NAME = "GOV_AUTH_ADMIN_SECRET";

export interface UsersConfig {
  readonly url: string;
  readonly realm: string;
  readonly client: { readonly id: "auth-admin"; readonly secret: Secret };
}
