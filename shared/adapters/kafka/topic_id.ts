import { Buffer } from "node:buffer";
import { Kafka, type KafkaConfig } from "kafkajs";
// @ts-types="./internals/cluster.d.ts"
import Cluster from "kafkajs/src/cluster/index.js";
// @ts-types="./internals/socket_factory.d.ts"
import createSocketFactory from "kafkajs/src/network/socketFactory.js";
// @ts-types="./internals/decoder.d.ts"
import Decoder from "kafkajs/src/protocol/decoder.js";
// @ts-types="./internals/encoder.d.ts"
import Encoder from "kafkajs/src/protocol/encoder.js";
import { Unusable } from "../../resilience/reach.ts";
import type { Exchange } from "./internals/cluster.d.ts";

/**
 * The id that Kafka gave the topic when it was created: one that is deleted and created anew has another. kafkajs stops
 * at the sixth version of Metadata, and the id came with the tenth, so the question is put here, over its connection.
 * https://kafka.apache.org/protocol#The_Messages_Metadata, KIP-516
 */
export async function topicId(config: KafkaConfig, topic: string): Promise<string> {
  const logger = new Kafka(config).logger();
  const cluster = new Cluster({ ...config, logger, socketFactory: createSocketFactory() });
  await cluster.connect();
  try {
    const { versions, connectionPool } = cluster.brokerPool.seedBroker;
    if ((versions[METADATA]?.maxVersion ?? 0) < VERSION) {
      throw new Unusable("KAFKA_BROKERS", "names a Kafka that is too old: it must be 3.1 or later");
    }
    return await connectionPool.send(askFor(topic));
  } finally {
    await cluster.disconnect();
  }
}

function askFor(topic: string): Exchange<string> {
  return {
    request: {
      apiKey: METADATA,
      apiVersion: VERSION,
      apiName: "Metadata",
      encode: () =>
        Promise.resolve(
          new Encoder()
            .writeUVarInt(0) // tagged fields: the last ones of the request's header
            .writeUVarInt(1 + 1) // one topic, by its name
            .writeBuffer(Buffer.alloc(ID_BYTES)).writeUVarIntString(topic).writeUVarInt(0)
            .writeBoolean(false) // create it
            .writeBoolean(false) // tell what the asker may do with it
            .writeUVarInt(0),
        ),
    },
    response: {
      decode: (payload) => Promise.resolve(idIn(new Decoder(payload), topic)),
      parse: (id) => Promise.resolve(id),
    },
  };
}

function idIn(answer: Decoder, topic: string): string {
  answer.readTaggedFields();
  answer.readInt32(); // milliseconds of throttling
  answer.readUVarIntArray(skipBroker);
  answer.readUVarIntString(); // id of the cluster
  answer.readInt32(); // controller
  const topics = answer.readUVarInt() - 1;
  const errorCode = answer.readInt16();
  answer.readUVarIntString(); // name
  if (topics !== 1 || errorCode !== 0) {
    throw new Error(`Cannot find topic "${topic}": Kafka's error ${errorCode}`);
  }
  return answer.readBytes(ID_BYTES).toString("base64url");
}

function skipBroker(answer: Decoder): void {
  answer.readInt32(); // id
  answer.readUVarIntString(); // host
  answer.readInt32(); // port
  answer.readUVarIntString(); // rack
  answer.readTaggedFields();
}

const METADATA = 3;
const VERSION = 12;
const ID_BYTES = 16;
