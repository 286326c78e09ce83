import { join } from "node:path";
import type { Place } from "../server.ts";
import { certificateOf, KEY_STORE_PASSWORD } from "./kafka_certificate.ts";

/** The one broker, or the three. Their data lie apart: one of three is not the one. */
export function nodesOf({ data, ports, brokers }: Place): readonly KafkaNode[] {
  const port = (name: string) => ports[name] ?? 0;
  return Array.from({ length: brokers }, (_, i) => {
    const nth = i === 0 ? "" : `${i + 1}`;
    return {
      id: i + 1,
      logDir: join(data, `of-${brokers}`, `broker-${i + 1}`),
      address: `127.0.0.1:${port(`client${nth}`)}`,
      secureAddress: `127.0.0.1:${port(`secure${nth}`)}`,
      controllerAddress: `127.0.0.1:${port(`controller${nth}`)}`,
    };
  });
}

export interface KafkaNode {
  readonly id: number;
  readonly logDir: string;
  /** Where it takes clients that show no password. */
  readonly address: string;
  /** Where it takes those of `CREDENTIALS`, over TLS. */
  readonly secureAddress: string;
  readonly controllerAddress: string;
}

export const CREDENTIALS = { username: "kependudukan", password: "kafka-rahasia" };

/** The node's server.properties. */
export function propertiesOf(place: Place, node: KafkaNode): string {
  const nodes = nodesOf(place);
  const { brokers } = place;
  const insync = Math.min(brokers, 2);
  const secure = `SASL_SSL://${node.secureAddress}`;
  const { username, password } = CREDENTIALS;
  const login = "org.apache.kafka.common.security";
  const settings = {
    "process.roles": "broker,controller",
    "node.id": node.id,
    "controller.quorum.voters": nodes.map(({ id, controllerAddress }) => `${id}@${controllerAddress}`).join(
      ",",
    ),
    "listeners": `PLAINTEXT://${node.address},${secure},CONTROLLER://${node.controllerAddress}`,
    "advertised.listeners": `PLAINTEXT://${node.address},${secure}`,
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "log.dirs": node.logDir,

    "ssl.keystore.location": certificateOf(place).keyStore,
    "ssl.keystore.password": KEY_STORE_PASSWORD,
    "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
    "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": `${login}.scram.ScramLoginModule required;`,
    "listener.name.sasl_ssl.plain.sasl.jaas.config":
      `${login}.plain.PlainLoginModule required user_${username}="${password}";`,

    "auto.create.topics.enable": false,
    "num.partitions": 10,
    "default.replication.factor": brokers,
    "min.insync.replicas": insync,
    "offsets.topic.replication.factor": brokers,
    "offsets.topic.num.partitions": 10,
    "transaction.state.log.replication.factor": brokers,
    "transaction.state.log.min.isr": insync,
    "transaction.state.log.num.partitions": 10,

    // A broker that dies is missed after 3 s instead of 9, and a group of tests is complete at once.
    "broker.session.timeout.ms": 3_000,
    "broker.heartbeat.interval.ms": 500,
    "group.initial.rebalance.delay.ms": 0,
    // It shares its machine with all the others.
    "num.network.threads": 2,
    "num.io.threads": 3,
    "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
  };
  return Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join("");
}
