import { getLogger } from "@logtape/logtape";
import type { Admin, Kafka } from "kafkajs";
import { reach, Unusable } from "../../resilience/reach.ts";
import { untilAborted } from "../../resilience/until_aborted.ts";
import { clientConfig, createClient, type KafkaServers, type Mechanism, MECHANISMS } from "./client.ts";
import { codeOf, explain, misconfigured } from "./diagnosis.ts";
import { NotYet } from "./topics.ts";
import { topicId } from "./topic_id.ts";

/**
 * Reaches Kafka and lets `prepare` work with it, all of it again and again until it succeeds or `withinMs` has passed.
 * Rejects with `Unusable`. Answers how to talk to that Kafka from then on.
 */
export async function reachKafka<T>(options: ReachOptions, prepare: Prepare<T>): Promise<[KafkaAccess, T]> {
  const { withinMs = 60_000, signal = new AbortController().signal, ...servers } = options;
  const wrong = servers.brokers.find((broker) => !/^[^\s:]+:\d{1,5}$/.test(broker));
  if (wrong !== undefined) throw new Unusable("KAFKA_BROKERS", `names "${wrong}", which is not host:port`);
  // A last attempt that was cut short says less than the one before it.
  let told: unknown;
  const target = {
    ...{ variable: "KAFKA_BROKERS", server: "Kafka", withinMs, signal },
    explain: (error: unknown) => told instanceof NotYet ? told.message : explain(told ?? error, servers),
  };
  try {
    return await reach(target, async (signal) => {
      try {
        return await negotiate(servers, prepare, signal);
      } catch (error) {
        if (!signal.aborted) told = error;
        throw error;
      }
    });
  } catch (error) {
    throw told instanceof NotYet && error instanceof Unusable ? told.verdict : error;
  }
}

/** The password travels in no way that others on the line could read. */
async function negotiate<T>(
  servers: KafkaServers,
  prepare: Prepare<T>,
  signal: AbortSignal,
): Promise<[KafkaAccess, T]> {
  const mechanisms = MECHANISMS.filter((mechanism) => mechanism !== "plain" || servers.ssl);
  for (const mechanism of mechanisms) {
    try {
      // Once with each of the addresses: what comes after that is the business of `reach`.
      const admin = createClient(servers, mechanism, servers.brokers.length - 1).admin();
      const access = accessBy(servers, mechanism);
      return [access, await prepareOnce(admin, () => prepare(admin, access, signal), signal)];
    } catch (error) {
      if (codeOf(error) !== "UNSUPPORTED_SASL_MECHANISM") throw misconfigured(error, servers) ?? error;
    }
  }
  throw new Unusable(
    "KAFKA_USERNAME",
    `is set, but Kafka takes passwords by none of ${mechanisms.join(", ")}`,
  );
}

async function prepareOnce<T>(admin: Admin, prepare: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await untilAborted(admin.connect().then(prepare), signal);
  } finally {
    // It waits for answers under way, which may never come.
    admin.disconnect().catch((error) =>
      log.debug("Cannot disconnect from Kafka: {code}", { code: codeOf(error) })
    );
  }
}

function accessBy(servers: KafkaServers, mechanism: Mechanism): KafkaAccess {
  return {
    newClient: (retries) => createClient(servers, mechanism, retries),
    topicId: (topic) => topicId(clientConfig(servers, mechanism), topic),
  };
}

export interface ReachOptions extends KafkaServers {
  /** Milliseconds to try at the start; 60,000 unless told. */
  readonly withinMs?: number;
  /** Aborts the start. */
  readonly signal?: AbortSignal;
}

export interface KafkaAccess {
  /** With a few retries of each request unless told. */
  newClient(retries?: number): Kafka;
  /** Names this incarnation of the topic. */
  topicId(topic: string): Promise<string>;
}

export type Prepare<T> = (admin: Admin, access: KafkaAccess, signal: AbortSignal) => Promise<T>;

const log = getLogger(["kependudukan", "kafka"]);
