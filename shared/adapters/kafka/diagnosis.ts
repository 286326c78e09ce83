import { Unusable } from "../../resilience/reach.ts";
import type { KafkaServers } from "./client.ts";

/**
 * What went wrong, in one word that is safe to log: the protocol's name for it, the system's code, or else the kind of
 * error. The messages of kafkajs may quote a record.
 */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  for (const name of ["type", "code"]) {
    const value: unknown = Reflect.get(error, name);
    if (typeof value === "string") return value;
  }
  const errors: unknown = Reflect.get(error, "errors");
  const cause = Array.isArray(errors) ? errors[0] : error.cause;
  return cause instanceof Error ? codeOf(cause) : error.name;
}

/** The sentence for a mistake in the configuration, which no waiting will mend. */
export function misconfigured(error: unknown, { ssl, credentials }: KafkaServers): Unusable | undefined {
  const code = codeOf(error);
  if (code === "KafkaJSSASLAuthenticationError") {
    return new Unusable("KAFKA_USERNAME", "and KAFKA_PASSWORD are refused by Kafka", { cause: error });
  }
  if (code === "ILLEGAL_SASL_STATE") {
    return new Unusable("KAFKA_USERNAME", "is set, but Kafka asks for no password there", { cause: error });
  }
  if (code.endsWith("AUTHORIZATION_FAILED")) {
    const who = credentials ? "names a user who" : "is not set, and a nameless user";
    return new Unusable("KAFKA_USERNAME", `${who} may not do what is needed: ${code}`, { cause: error });
  }
  if (ssl && CERTIFICATE.test(code)) {
    return new Unusable("KAFKA_SSL", `is set, but Kafka's certificate is not trusted: ${code}`, {
      cause: error,
    });
  }
}

/** Why Kafka does not answer, for people. */
export function explain(error: unknown, { ssl, credentials }: KafkaServers): string {
  const code = codeOf(error);
  switch (code) {
    case "ECONNREFUSED":
      return "connection refused";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "its name is not known";
    case "TimeoutError":
    case "KafkaJSRequestTimeoutError":
    case "KafkaJSConnectionError":
      return "no answer in time";
    case "ECONNRESET":
    case "EPIPE":
    case "KafkaJSConnectionClosedError": {
      if (ssl && code === "ECONNRESET") return "it closes the connection, as if it spoke no TLS (KAFKA_SSL)";
      const expected = [ssl ? "" : "TLS (KAFKA_SSL)", credentials ? "" : "a password (KAFKA_USERNAME)"];
      const hint = expected.filter(Boolean).join(" or ");
      return `it closes the connection${hint && `, as if it expected ${hint}`}`;
    }
    default:
      return code;
  }
}

const CERTIFICATE = /CERT|ALTNAME|UNABLE_TO_VERIFY/;
