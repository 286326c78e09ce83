import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parse } from "yaml";
import { ecsLine } from "../../shared/telemetry/ecs.ts";
import { sealLines } from "../../tests/contract/audit_sink_contract.ts";
import { AUDIT_FIELDS } from "../../shared/security/audit/line_schema.ts";
import { rsyslogConfig } from "../stack/servers/rsyslog.ts";
import app from "./app-template.json" with { type: "json" };
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

describe("The index template of the application logs", () => {
  const mapped = new Map(leaves(app.template.mappings.properties).map(({ name, type }) => [name, type]));

  it("maps every field that the logger writes, numbers as such", () => {
    const text = ecsLine({
      category: ["kependudukan", "edge"],
      level: "warning",
      message: ["Cannot do it"],
      rawMessage: "Cannot do it",
      timestamp: 0,
      properties: {
        ...{ traceId: "a", spanId: "b", reason: "c", code: "d", method: "GET", status: 500, durationMs: 1.5 },
        error: new Error("e"),
        topic: "f",
      },
    }, { name: "edge", version: "g" });
    const line: Readonly<Record<string, unknown>> = JSON.parse(text);
    assert.deepEqual(Object.keys(line).sort(), [...mapped.keys()].sort());
    for (const [name, value] of Object.entries(line)) {
      assert.equal(typeof value === "number", mapped.get(name) === "long", name);
    }
  });

  it("refuses no field, for a line is worth more than its index", () => {
    assert.equal(app.template.mappings.dynamic, false);
    assert.equal(mapped.get("labels"), "flattened");
  });
});

describe("filebeat.yml", () => {
  const [create, copy, fingerprint, include] = filebeat.processors;
  const output = filebeat["output.elasticsearch"];

  it("lets through exactly the objects that lines consist of", () => {
    const objects = new Set(
      AUDIT_FIELDS.filter((name) => name !== "@timestamp").map((name) => name.split(".")[0]),
    );
    assert.deepEqual(include.include_fields.fields, [...objects].sort());
  });

  it("makes event.id the id of the document, so that shipping twice changes nothing", () => {
    assert.deepEqual(create.add_fields, { target: "@metadata", fields: { op_type: "create" } });
    assert.deepEqual(copy.copy_fields.fields, [{ from: "event.id", to: "@metadata._id" }]);
    assert.deepEqual(copy.copy_fields.when, { has_fields: ["event.id"] });
    assert.deepEqual(fingerprint.fingerprint.when, { not: copy.copy_fields.when });
    assert.equal(fingerprint.fingerprint.target_field, "@metadata._id");
    assert.ok(AUDIT_FIELDS.includes("event.id"));
  });

  it("sends what has a chain, and only that, to the data stream of its template, and the rest to the other", () => {
    const [{ index, when }] = output.indices;
    assert.deepEqual(when, { has_fields: ["kependudukan.chain.hash"] });
    assert.deepEqual(include.include_fields.when, when);
    assert.deepEqual(template.index_patterns, [index.replace(/default$/, "*")]);
    assert.deepEqual(app.index_patterns, [output.index.replace(/default$/, "*")]);
  });

  it("names streams, id and operation as the rsyslog of the stack does, which a real Elasticsearch was asked about", () => {
    const config = rsyslogConfig({ data: "/data", queue: "/data/queue", ports: { http: 9200 } });
    const [, stream = ""] = /template\(name="stream" type="string" string="([^"]+)"\)/.exec(config) ?? [];
    const streams = [...config.matchAll(/set \$\.stream = "(\w+)"/g)].map(([, name = ""]) =>
      stream.replace("%$.stream%", name)
    );
    assert.deepEqual(streams, [output.index, output.indices[0].index]);
    assert.ok(config.includes('if strlen($!kependudukan.chain.hash) > 0 then set $.stream = "audit"'));
    assert.ok(config.includes("set $.id = $!event.id;"));
    assert.ok(config.includes('writeoperation="create"'));
  });

  it("drops nothing: lines wait on disk, and what is refused is kept", () => {
    assert.ok(filebeat["queue.disk"].max_size);
    assert.equal(output["non_indexable_policy.dead_letter_index"].index, output.index);
    const names = filebeat.processors.flatMap((processor: object) => Object.keys(processor));
    assert.deepEqual(names, ["add_fields", "copy_fields", "fingerprint", "include_fields"]);
  });

  it("knows a file by bytes that tell it from others, of which every file soon has enough", () => {
    const [{ text = "" } = {}] = sealLines(1);
    for (const input of filebeat["filebeat.inputs"]) {
      const { enabled, length } = input["prospector.scanner"].fingerprint;
      assert.ok(enabled && length < text.length && length > text.indexOf('"event.kind"'), `${length} bytes`);
    }
  });

  it("trusts the named authority alone, and leaves templates and lifecycle to us", () => {
    assert.deepEqual(output.ssl, {
      verification_mode: "full",
      certificate_authorities: ["${ELASTICSEARCH_CA}"],
    });
    assert.equal(filebeat["setup.template.enabled"], false);
    assert.equal(filebeat["setup.ilm.enabled"], false);
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
