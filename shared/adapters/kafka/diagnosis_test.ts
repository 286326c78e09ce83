import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { codeOf, explain, misconfigured } from "./diagnosis.ts";

describe("codeOf", () => {
  it("finds the protocol's name, or the system's code, however deep it lies", () => {
    const protocol = Object.assign(new Error("{secret}"), { type: "NOT_ENOUGH_REPLICAS", code: 19 });
    const network = Object.assign(new Error("{secret}"), { code: "ECONNREFUSED" });
    assert.equal(codeOf(protocol), "NOT_ENOUGH_REPLICAS");
    assert.equal(
      codeOf(new Error("{secret}", { cause: new Error("{secret}", { cause: network }) })),
      "ECONNREFUSED",
    );
    assert.equal(codeOf(Object.assign(new Error("{secret}"), { errors: [protocol] })), "NOT_ENOUGH_REPLICAS");
  });

  it("falls back on the kind of error, never on its message", () => {
    assert.equal(codeOf(new TypeError("{secret}")), "TypeError");
    assert.equal(codeOf("{secret}"), "unknown");
  });
});

describe("explain", () => {
  const servers = { brokers: ["kafka:9092"] };
  const closed = Object.assign(new Error(), { name: "KafkaJSConnectionClosedError" });

  it("names what a connection that is closed may lack, of what it has not", () => {
    const credentials = { username: "u", password: "p" };
    assert.match(explain(closed, servers), /expected TLS \(KAFKA_SSL\) or a password \(KAFKA_USERNAME\)$/);
    assert.match(explain(closed, { ...servers, ssl: true }), /expected a password \(KAFKA_USERNAME\)$/);
    assert.match(explain(closed, { ...servers, credentials }), /expected TLS \(KAFKA_SSL\)$/);
    assert.equal(explain(closed, { ...servers, ssl: true, credentials }), "it closes the connection");
  });
});

describe("misconfigured", () => {
  it("blames the user for what the user may not do", () => {
    const refused = Object.assign(new Error(), { type: "TOPIC_AUTHORIZATION_FAILED" });
    const named = { brokers: [], credentials: { username: "u", password: "p" } };
    assert.equal(
      misconfigured(refused, named)?.message,
      "KAFKA_USERNAME names a user who may not do what is needed: TOPIC_AUTHORIZATION_FAILED",
    );
    assert.equal(
      misconfigured(refused, { brokers: [] })?.message,
      "KAFKA_USERNAME is not set, and a nameless user may not do what is needed: TOPIC_AUTHORIZATION_FAILED",
    );
  });

  it("leaves alone what may pass", () => {
    assert.equal(
      misconfigured(Object.assign(new Error(), { code: "ECONNREFUSED" }), { brokers: [] }),
      undefined,
    );
  });
});
