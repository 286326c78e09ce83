import type { ISocketFactory, KafkaConfig, Logger } from "kafkajs";
import type Encoder from "./encoder.d.ts";

/** What topic_id.ts uses of kafkajs 2.2.4's src/cluster, which it does not publish. */
export default class Cluster {
  constructor(config: KafkaConfig & { readonly logger: Logger; readonly socketFactory: ISocketFactory });
  readonly brokerPool: { readonly seedBroker: Broker };
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

interface Broker {
  /** The versions that the broker understands of each request, by its key. */
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>>;
  readonly connectionPool: { send<T>(exchange: Exchange<T>): Promise<T> };
}

export interface Exchange<T> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    encode(): Promise<Encoder>;
  };
  readonly response: {
    decode(payload: Uint8Array): Promise<T>;
    parse(answer: T): Promise<T>;
  };
}
