import { type Message, Partitioners, type Producer, type ProducerConfig } from "kafkajs";
import pLimit from "p-limit";
import { type EventRecord, RecordsRefused } from "../../ports/event_log.ts";
import { untilAborted } from "../../resilience/until_aborted.ts";
import { codeOf } from "./diagnosis.ts";
import { toBuffer, toKafkaHeaders } from "./headers.ts";

/**
 * Publishes to one topic by an idempotent producer, one publish after the other: kafkajs gives the sequence numbers of
 * a batch that failed to the next one, and Kafka would take that for the repeated one and drop it
 * (https://github.com/tulios/kafkajs/issues/353). For the same reason a producer ends with its first failed publish.
 */
export function createPublisher({ newProducer, topic, partitions }: PublisherOptions): Publisher {
  const turns = pLimit(1);
  const partitionOf = createPartitioner(topic, partitions);
  let producer: SendingProducer | undefined;
  let waiting = new AbortController().signal;

  async function deliver(records: readonly EventRecord[], signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    waiting = signal;
    try {
      producer ??= await connect();
      for (const some of inRequests(records)) {
        await send(producer, some.map((record) => toMessage(record, partitionOf)));
      }
    } catch (error) {
      await end();
      const code = codeOf(error);
      if (REFUSALS.has(code)) throw new RecordsRefused(code, { cause: error });
      throw new PublishFailed(topic, error);
    }
  }

  async function connect(): Promise<SendingProducer> {
    producer = newProducer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: () => ({ message }) => {
        // Each attempt begins by asking this, and nothing else can end them.
        if (waiting.aborted) throw new NobodyWaits();
        return partitionOf(message);
      },
    });
    await producer.connect();
    return producer;
  }

  // A partition whose leader moves while the others are acknowledged is left out, and that without a word:
  // https://github.com/tulios/kafkajs/issues/1303
  async function send(producer: SendingProducer, messages: readonly Message[]): Promise<void> {
    for (let left = messages; left.length > 0;) {
      const answers = await producer.send({ topic, acks: -1, timeout: 8_000, messages: [...left] });
      const acknowledged = new Set(answers.map(({ partition }) => partition));
      const missing = left.filter((message) => !acknowledged.has(partitionOf(message)));
      if (missing.length === left.length) throw new Error("Kafka acknowledged nothing");
      left = missing;
    }
  }

  async function end(): Promise<void> {
    const ended = producer;
    producer = undefined;
    await ended?.disconnect();
  }

  return {
    async publish(records, signal) {
      signal.throwIfAborted();
      if (records.length > 0) await untilAborted(turns(() => deliver(records, signal)), signal);
    },
    close: () => turns(end),
  };
}

export interface PublisherOptions {
  readonly newProducer: (config: ProducerConfig) => SendingProducer;
  readonly topic: string;
  /** Over which the keys are spread: those that the topic had when it was opened. */
  readonly partitions: number;
}

/** What this needs of kafkajs. */
export type SendingProducer = Pick<Producer, "connect" | "send" | "disconnect">;

export interface Publisher {
  publish(records: readonly EventRecord[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** At least one record may not be durable. The message never quotes one. */
export class PublishFailed extends Error {
  override readonly name = "PublishFailed";
  readonly code: string;
  constructor(topic: string, cause: unknown) {
    const code = codeOf(cause);
    super(`Cannot publish to "${topic}": ${code}`);
    this.code = code;
  }
}

class NobodyWaits extends Error {
  override readonly name = "NobodyWaits";
  /** What kafkajs looks at. */
  readonly retriable = false;
}

/** By the key as Kafka's own clients do, and in turn for records without one. */
function createPartitioner(topic: string, partitions: number): (message: Message) => number {
  const choose = Partitioners.DefaultPartitioner();
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    ...{ partitionId, partitionErrorCode: 0, leader: 0, replicas: [], isr: [] },
  }));
  return (message) => choose({ topic, partitionMetadata, message });
}

/** Its partition is settled here: each attempt must send a record without a key to the same one. */
function toMessage({ key, value, headers }: EventRecord, partitionOf: (message: Message) => number): Message {
  const message = {
    key: key && toBuffer(key),
    value: value && toBuffer(value),
    headers: toKafkaHeaders(headers),
  };
  return { ...message, partition: partitionOf(message) };
}

/** A request may go to one partition as a whole, and unless told Kafka refuses what is larger than 1 MiB there. */
function* inRequests(records: readonly EventRecord[]): Generator<readonly EventRecord[]> {
  let request: EventRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = sizeOf(record);
    if (request.length > 0 && bytes + size > REQUEST_BYTES) {
      yield request;
      [request, bytes] = [[], 0];
    }
    request.push(record);
    bytes += size;
  }
  yield request;
}

function sizeOf({ key, value, headers }: EventRecord): number {
  const ofHeaders = headers.reduce((sum, [name, value]) => sum + 3 * name.length + value.length + 8, 0);
  return (key?.length ?? 0) + (value?.length ?? 0) + ofHeaders + 32;
}

const REQUEST_BYTES = 512 * 1024;
/** https://kafka.apache.org/protocol#protocol_error_codes: those that speak of the records. */
const REFUSALS = new Set([
  "MESSAGE_TOO_LARGE",
  "RECORD_LIST_TOO_LARGE",
  "INVALID_RECORD",
  "INVALID_TIMESTAMP",
  "POLICY_VIOLATION",
]);
