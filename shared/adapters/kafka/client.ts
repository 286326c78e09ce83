import { Kafka, type KafkaConfig, logLevel, type SASLOptions } from "kafkajs";
import { leaveDeadConnections } from "./dead_connections.ts";
import { keepHeadersInOrder } from "./headers.ts";
import { stopIdleTimers } from "./idle_timers.ts";
import { logToLogtape } from "./log.ts";
import { type Secret, toSecret } from "../../security/secret.ts";
import { writeVarIntsInPlace } from "./varints.ts";

/**
 * A client, which each producer, consumer and admin has for its own: all consumers of one client share what their group
 * has committed, so two members in one process would mix up their positions.
 */
export function createClient(servers: KafkaServers, mechanism?: Mechanism, retries?: number): Kafka {
  stopIdleTimers();
  leaveDeadConnections();
  keepHeadersInOrder();
  writeVarIntsInPlace();
  return new Kafka(clientConfig(servers, mechanism, retries));
}

export function clientConfig(
  servers: KafkaServers,
  mechanism: Mechanism = MECHANISMS[0],
  retries: number = servers.brokers.length + 2,
): KafkaConfig {
  const { brokers, ssl = false, ca, credentials } = servers;
  return {
    clientId: "kependudukan",
    brokers: [...brokers],
    ssl: ssl && ca !== undefined ? { ca } : ssl,
    ...(credentials && { sasl: sasl(mechanism, credentials) }),
    connectionTimeout: 3_000,
    authenticationTimeout: 5_000,
    requestTimeout: REQUEST_MS,
    retry: { retries, initialRetryTime: 100, maxRetryTime: 1_000 },
    logLevel: logLevel.WARN,
    logCreator: logToLogtape,
  };
}

/** kafkajs reads both anew whenever it logs in, so that a connection made later has what is the secret then. */
function sasl(mechanism: Mechanism, credentials: Credentials): SASLOptions {
  const username = toSecret(credentials.username);
  const password = toSecret(credentials.password);
  return {
    // The union of kafkajs has an object for each mechanism.
    ...SASL[mechanism],
    get username() {
      return username.value();
    },
    get password() {
      return password.value();
    },
  };
}

/** How to get at a Kafka. */
export interface KafkaServers {
  /** Each as host:port. Those that are left out are found through the others. */
  readonly brokers: readonly string[];
  /** Whether to speak TLS; no unless told. */
  readonly ssl?: boolean | undefined;
  /** Certificates in PEM to trust instead of the public authorities. */
  readonly ca?: string | undefined;
  readonly credentials?: Credentials | undefined;
}

export interface Credentials {
  readonly username: Secret | string;
  readonly password: Secret | string;
}

/** The safest first. */
export const MECHANISMS = ["scram-sha-512", "scram-sha-256", "plain"] as const;
export type Mechanism = typeof MECHANISMS[number];
const SASL = {
  "scram-sha-512": { mechanism: "scram-sha-512" },
  "scram-sha-256": { mechanism: "scram-sha-256" },
  "plain": { mechanism: "plain" },
} as const;

/** Retries, over some 10 s: within them a broker comes back, or another takes over. */
export const PATIENTLY = 12;

/** How long a broker may take to answer a request, unless the request itself is to wait. */
const REQUEST_MS = 10_000;
