import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { Kafka } from "kafkajs";
// @ts-types="./internals/connection.d.ts"
import Connection from "kafkajs/src/network/connection.js";
// @ts-types="./internals/encoder.d.ts"
import Encoder from "kafkajs/src/protocol/encoder.js";
// @ts-types="./internals/socket_factory.d.ts"
import createSocketFactory from "kafkajs/src/network/socketFactory.js";
import { leaveDeadConnections } from "./dead_connections.ts";
import { stopIdleTimers } from "./idle_timers.ts";
import { logToLogtape } from "./log.ts";

describe("leaveDeadConnections", () => {
  const taken: Socket[] = [];
  let server: Server;
  let connection: Connection;

  beforeEach(async () => {
    stopIdleTimers();
    leaveDeadConnections();
    // It takes what it is asked and says nothing.
    server = createServer((socket) => {
      taken.push(socket.on("error", () => {}).resume());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    connection = new Connection({
      ...{ host: "127.0.0.1", port: address.port, connectionTimeout: 1_000, requestTimeout: 50 },
      logger: new Kafka({ brokers: ["unused:1"], logCreator: logToLogtape }).logger(),
      socketFactory: createSocketFactory(),
    });
    await connection.connect();
  });
  afterEach(() => {
    for (const socket of taken.splice(0)) socket.destroy();
    server.close();
  });

  it("has the next attempt made on a new connection when a request was not answered in time", async () => {
    await assert.rejects(connection.send(QUESTION), { name: "KafkaJSRequestTimeoutError" });
    const [first] = taken;
    if (first && !first.closed) await once(first, "close", { signal: AbortSignal.timeout(2_000) });
    assert.equal(connection.isConnected(), false);
    await connection.connect();
    assert.equal(taken.length, 2);
  });

  it("tells the other requests on it at once", async () => {
    const patient = connection.send({ ...QUESTION, requestTimeout: 60_000 });
    await Promise.all([
      assert.rejects(connection.send(QUESTION), { name: "KafkaJSRequestTimeoutError" }),
      assert.rejects(patient, { name: "KafkaJSConnectionError" }),
    ]);
  });
});

const QUESTION = {
  request: { apiKey: 3, apiVersion: 0, apiName: "Metadata", encode: () => Promise.resolve(new Encoder()) },
  response: {},
};
