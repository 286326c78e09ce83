import { DEVELOPMENT_SECRETS } from "../adapters/embedded/identity/development_secrets.ts";
import { parseUrl } from "./url.ts";

/**
 * What production refuses in the value of a secret; goes on from the variable's name and never repeats the value.
 * Words are guessed; 16 bytes at random are not.
 */
export function weaknessOf(name: string, value: string): string | undefined {
  if (DEVELOPMENT_SECRETS[name] === value) return "must not be the development secret";
  if (name === "KAFKA_USERNAME") return undefined;
  const address = value.includes("://") ? parseUrl(value) : undefined;
  if (!address) return isWeak(value) ? `must have ${RULE}` : undefined;
  if (isInClear(value)) return `must lead to its server over TLS: ${OVER_TLS[address.protocol]}`;
  // A client that shows a certificate has no password.
  if (CERTIFICATES.some((parameter) => address.searchParams.has(parameter))) return undefined;
  return isWeak(decodeURIComponent(address.password)) ? `must hold a password of ${RULE}` : undefined;
}

/**
 * Whether the server of this URL would be spoken to in clear. One on the same machine may be: there the proxy of a
 * service mesh listens. Nobody asks this of the edge's way to its origins, which the cluster's network encrypts
 * (deploy.yml).
 */
export function isInClear(url: string): boolean {
  const { protocol, hostname, searchParams } = parseUrl(url) ?? {};
  if (hostname === undefined || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) return false;
  switch (protocol) {
    case "http:":
    case "redis:":
      return true;
    case "postgres:":
    case "postgresql:":
      return searchParams?.get("sslmode") !== "verify-full";
    case "mongodb:":
      return searchParams?.get("tls") !== "true" && searchParams?.get("ssl") !== "true";
    default:
      return false;
  }
}

function isWeak(value: string): boolean {
  return new TextEncoder().encode(value).length < LEAST_BYTES || new Set(value).size < LEAST_DIFFERENT;
}

const LEAST_BYTES = 16;
const LEAST_DIFFERENT = 6;
const RULE =
  `at least ${LEAST_BYTES} bytes with at least ${LEAST_DIFFERENT} different characters, made at random`;
const CERTIFICATES = ["sslcert", "tlsCertificateKeyFile"];

const OVER_TLS: Readonly<Record<string, string>> = {
  "postgres:": "end it with sslmode=verify-full",
  "postgresql:": "end it with sslmode=verify-full",
  "mongodb:": "end it with tls=true",
  "redis:": "begin it with rediss://",
};
