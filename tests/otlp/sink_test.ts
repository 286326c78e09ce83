import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { startProcess } from "../e2e/process.ts";
import { type OtlpSink, startOtlpSink } from "./sink.ts";

describe("The OTLP sink", () => {
  let sink: OtlpSink;

  before(() => {
    sink = startOtlpSink();
  });
  after(() => sink.close());

  it("reads the spans that a Deno process of its variables makes", async () => {
    const script = new URL("./testdata/spans.ts", import.meta.url).pathname;
    const child = startProcess(script, { env: { ...sink.variables, OTEL_SERVICE_NAME: "example" } });
    assert.equal((await child.ended).code, 0);

    const [inner, outer, ...more] = sink.spans();
    assert.ok(inner && outer);
    assert.deepEqual(more, []);
    assert.deepEqual(
      { ...inner, milliseconds: 0 },
      {
        traceId: outer.traceId,
        spanId: inner.spanId,
        parentSpanId: outer.spanId,
        name: "inner",
        kind: "producer",
        service: "example",
        scope: "part",
        milliseconds: 0,
        attributes: { text: "value", number: 3, truth: true },
        events: [{ name: "event", attributes: { size: 1 } }],
        links: [{ traceId: outer.traceId, spanId: outer.spanId, attributes: {} }],
        status: { message: "", code: 2 },
      },
    );
    assert.deepEqual([outer.name, outer.kind, outer.parentSpanId], ["outer", "internal", undefined]);
    assert.ok(sink.received().some((text) => text.includes(`"outer"`)));
  });

  it("says what to set when it is sent protobuf", async () => {
    const headers = { "content-type": "application/x-protobuf" };
    const answer = await fetch(`${sink.url}/v1/traces`, { method: "POST", headers, body: "" });
    assert.equal(answer.status, 415);
    assert.match(await answer.text(), /http\/json/);
  });
});
