import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parse } from "yaml";
import { sealLines } from "../../tests/contract/audit_sink_contract.ts";
import { AUDIT_FIELDS } from "../../shared/security/audit/line_schema.ts";
import template from "./audit-template.json" with { type: "json" };

const filebeat = parse(await Deno.readTextFile(new URL("../filebeat/filebeat.yml", import.meta.url)));

describe("The index template of the audit", () => {
  it("maps every field that a line may have, and no other, and takes no field it does not map", () => {
    assert.equal(template.template.mappings.dynamic, "strict");
    const mapped = leaves(template.template.mappings.properties).map(({ name }) => name);
    assert.deepEqual(mapped.sort(), [...AUDIT_FIELDS].sort());
  });

  it("gives whole numbers to what lines have as numbers, and words to the rest", () => {
    const types = new Map(
      leaves(template.template.mappings.properties).map(({ name, type }) => [name, type]),
    );
    const [line] = sealLines(1).map(({ line }) => Object.entries(line));
    for (const [name, value] of line ?? []) {
      const expected = name === "@timestamp" ? "date" : typeof value === "number" ? "long" : "keyword";
      assert.equal(types.get(name), expected, name);
    }
    assert.equal(types.get("kependudukan.count"), "long");
  });

  it("is of a data stream that keeps lines for five years", () => {
    assert.deepEqual(template.data_stream, {});
    assert.equal(template.template.lifecycle.data_retention, `${5 * 365}d`);
  });
});

describe("filebeat.yml", () => {
  const [copy, include] = filebeat.processors;

  it("lets through exactly the objects that lines consist of", () => {
    const objects = new Set(
      AUDIT_FIELDS.filter((name) => name !== "@timestamp").map((name) => name.split(".")[0]),
    );
    assert.deepEqual(include.include_fields.fields, [...objects].sort());
  });

  it("makes event.id the id of the document, so that shipping twice changes nothing", () => {
    assert.deepEqual(copy.copy_fields.fields, [{ from: "event.id", to: "@metadata._id" }]);
    assert.ok(AUDIT_FIELDS.includes("event.id"));
  });

  it("sends what has a chain, and only that, to the data stream of the template", () => {
    const [{ index, when }] = filebeat["output.elasticsearch"].indices;
    assert.deepEqual(when, { has_fields: ["kependudukan.chain.hash"] });
    assert.deepEqual(copy.copy_fields.when, when);
    assert.deepEqual(include.include_fields.when, when);
    const [pattern = ""] = template.index_patterns;
    assert.ok(index.startsWith(pattern.replace("*", "")));
    assert.ok(!filebeat["output.elasticsearch"].index.startsWith(pattern.replace("*", "")));
  });

  it("reads each line as one JSON object whose dotted names are fields", () => {
    for (const { parsers } of filebeat["filebeat.inputs"]) {
      assert.deepEqual(parsers.at(-1).ndjson, {
        target: "",
        overwrite_keys: true,
        expand_keys: true,
        add_error_key: true,
      });
    }
  });
});

function leaves(properties: Readonly<Record<string, unknown>>, prefix = ""): readonly Leaf[] {
  return Object.entries(properties).flatMap(([name, mapping]) => {
    assert(typeof mapping === "object" && mapping !== null);
    if ("properties" in mapping && isObject(mapping.properties)) {
      return leaves(mapping.properties, `${prefix}${name}.`);
    }
    return "type" in mapping ? [{ name: prefix + name, type: mapping.type }] : [];
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

interface Leaf {
  readonly name: string;
  readonly type: unknown;
}
