import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";

const tracer = trace.getTracer("part");
tracer.startActiveSpan("outer", (outer) => {
  const links = [{ context: outer.spanContext() }];
  const inner = tracer.startSpan("inner", { kind: SpanKind.PRODUCER, links });
  inner.setAttributes({ text: "value", number: 3, truth: true });
  inner.addEvent("event", { size: 1 });
  inner.setStatus({ code: SpanStatusCode.ERROR });
  inner.end();
  outer.end();
});
