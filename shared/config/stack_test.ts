import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { portVariable, toStackConfig } from "./stack.ts";

const PORTS = {
  redis: { redis: 6379 },
  "upstash-bridge": { rest: 8079 },
  kafka: { client: 9092, client2: 9192 },
};

describe("toStackConfig", () => {
  it("needs no variable at all", () => {
    assert.deepEqual(toStackConfig({}, PORTS), { dir: resolve(".stack"), ports: PORTS });
    assert.deepEqual(toStackConfig({ STACK_DIR: "", STACK_REDIS_PORT: "" }, PORTS).ports, PORTS);
  });

  it("moves the folder and each port by itself", () => {
    const { dir, ports } = toStackConfig({
      STACK_DIR: "/srv/stack",
      STACK_REDIS_PORT: "16379",
      STACK_KAFKA_CLIENT2_PORT: "19192",
    }, PORTS);
    assert.equal(dir, "/srv/stack");
    assert.deepEqual(ports, {
      redis: { redis: 16379 },
      "upstash-bridge": { rest: 8079 },
      kafka: { client: 9092, client2: 19192 },
    });
  });

  it("names a port's variable after the server, and after the purpose where there are several", () => {
    assert.equal(portVariable(PORTS, "upstash-bridge", "rest"), "STACK_UPSTASH_BRIDGE_PORT");
    assert.equal(portVariable(PORTS, "kafka", "client2"), "STACK_KAFKA_CLIENT2_PORT");
  });

  it("names every variable that is no port, and two that are the same", () => {
    const wrong = {
      STACK_REDIS_PORT: "enam",
      STACK_KAFKA_CLIENT_PORT: "65536",
      STACK_UPSTASH_BRIDGE_PORT: "9192",
    };
    assert.throws(() => toStackConfig(wrong, PORTS), {
      name: "ConfigError",
      problems: [
        "STACK_REDIS_PORT must be a whole number from 1 to 65535",
        "STACK_KAFKA_CLIENT_PORT must be a whole number from 1 to 65535",
        "STACK_KAFKA_CLIENT2_PORT and STACK_UPSTASH_BRIDGE_PORT must not both be 9192",
      ],
    });
  });
});
