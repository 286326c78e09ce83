import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { z } from "zod";
import { all } from "./fleet.ts";

const EVENTS = "topic pendaftaran-events";
const LETTERS = "topic pendaftaran-events.dlq";
const DESCRIBE = ["Describe", "DescribeConfigs"];

describe("the rights at Kafka in deploy.yml", () => {
  it("let the statistics count, bury what they cannot read, and replay dead letters for admins", () => {
    assert.deepEqual(rightsOf("statistics"), {
      [EVENTS]: [...DESCRIBE, "Read", "Write"],
      [LETTERS]: [...DESCRIBE, "Read", "Write"],
      "group statistics-group": ["Describe", "Read"],
      "group read-*": ["Delete", "Describe", "Read"],
    });
  });

  it("let nobody else of ours write events but the relay, who reads none", () => {
    const writers = USERS.filter(({ metadata: { name } }) => rightsOf(name)[EVENTS]?.includes("Write"));
    assert.deepEqual(writers.map(({ metadata }) => metadata.name).sort(), [
      "operator",
      "relay",
      "statistics",
    ]);
    assert.ok(!rightsOf("relay")[EVENTS]?.includes("Read"));
  });

  it("let nobody do all, or anything to every topic", () => {
    for (const { metadata: { name } } of USERS) {
      for (const [resource, operations] of Object.entries(rightsOf(name))) {
        assert.ok(!operations.includes("All"), `${name}: ${resource}`);
        assert.ok(!/^\S+ \*$/.test(resource), `${name}: ${resource}`);
      }
    }
  });
});

function rightsOf(name: string): Readonly<Record<string, readonly string[]>> {
  const user = USERS.find(({ metadata }) => metadata.name === name) ?? assert.fail(`no user "${name}"`);
  return Object.fromEntries(user.spec.authorization.acls.map(({ resource, operations }) => {
    const wildcard = resource.patternType === "prefix" ? "*" : "";
    return [`${resource.type} ${resource.name ?? ""}${wildcard}`, operations.toSorted()];
  }));
}

const USERS = all(
  "KafkaUser",
  z.object({
    metadata: z.object({ name: z.string() }),
    spec: z.object({
      authorization: z.object({
        acls: z.array(z.object({
          resource: z.object({
            type: z.string(),
            name: z.string().optional(),
            patternType: z.string().optional(),
          }),
          operations: z.array(z.string()),
        })),
      }),
    }),
  }),
);
