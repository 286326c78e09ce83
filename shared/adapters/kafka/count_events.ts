import { createHash } from "node:crypto";
import type { Topic } from "../../ports/event_log.ts";
import type { KafkaEventLogOptions } from "./event_log.ts";
import { reachKafka } from "./reach_kafka.ts";
import { readTopic } from "./read_topic.ts";

/**
 * Events in the log. Those that were written twice, around a crash of the relay or of a broker, are the same to the byte
 * and count once. Reads all that is there by a group of its own, and rejects when the signal aborts before the end.
 */
export async function countKafkaEvents(
  options: KafkaEventLogOptions,
  topic: Topic = "pendaftaran-events",
  signal: AbortSignal = AbortSignal.timeout(60_000),
): Promise<number> {
  const { prefix = "" } = options;
  const [access] = await reachKafka({ ...options, signal }, () => Promise.resolve());
  const events = new Set<string>();
  for await (const { messages } of readTopic(access, { topic: prefix + topic, prefix, signal })) {
    for (const { value } of messages) {
      if (value) events.add(createHash("sha256").update(value).digest("base64"));
    }
  }
  return events.size;
}
