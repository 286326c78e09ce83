import { Hono } from "hono";
import { z } from "zod";
import { eventually } from "../e2e/process.ts";

/**
 * A collector of OpenTelemetry's traces, metrics and logs that keeps what it was sent, for tests to read: start a
 * process with `variables` in its environment. It reads OTLP/HTTP in JSON:
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
export function startOtlpSink(): OtlpSink {
  const spans: SinkSpan[] = [];
  const received: string[] = [];
  const app = new Hono();
  app.post("/v1/:signal{traces|metrics|logs}", async (c) => {
    if (!c.req.header("content-type")?.startsWith("application/json")) {
      return c.text("Cannot read protobuf: set OTEL_EXPORTER_OTLP_PROTOCOL=http/json", 415);
    }
    const text = await c.req.text();
    received.push(text);
    if (c.req.param("signal") === "traces") spans.push(...readSpans(text));
    return c.json({});
  });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
  const url = `http://127.0.0.1:${server.addr.port}`;
  return {
    url,
    variables: {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_BSP_SCHEDULE_DELAY: "100",
    },
    spans: () => spans,
    received: () => received,
    async spansOf(traceId, complete) {
      const found = () => spans.filter((span) => span.traceId === traceId);
      await eventually(
        `the sink has the spans of trace ${traceId}`,
        () => Promise.resolve(complete(found())),
      );
      return found();
    },
    close: () => server.shutdown(),
  };
}

/** The spans of one ExportTraceServiceRequest. */
function readSpans(text: string): SinkSpan[] {
  const { resourceSpans } = EXPORT.parse(JSON.parse(text));
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map(({ kind, startTimeUnixNano, endTimeUnixNano, ...span }): SinkSpan => ({
        ...span,
        kind: KINDS[kind] ?? "unspecified",
        service: String(resource.attributes["service.name"] ?? ""),
        scope: scope.name,
        milliseconds: Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e6,
      }))
    )
  );
}

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;

const VALUE = z.union([
  z.object({ stringValue: z.string() }).transform(({ stringValue }) => stringValue),
  z.object({ boolValue: z.boolean() }).transform(({ boolValue }) => boolValue),
  // 64 bits, so a string.
  z.object({ intValue: z.coerce.number() }).transform(({ intValue }) => intValue),
  z.object({ doubleValue: z.number() }).transform(({ doubleValue }) => doubleValue),
  z.object({ arrayValue: z.unknown() }).transform(({ arrayValue }) => JSON.stringify(arrayValue)),
]);

const ATTRIBUTES = z.array(z.object({ key: z.string(), value: VALUE })).transform((attributes) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value]))
);

const SPAN = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().transform((id) => id === "" ? undefined : id),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: ATTRIBUTES,
  events: z.array(z.object({ name: z.string(), attributes: ATTRIBUTES })),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string(), attributes: ATTRIBUTES })),
  status: z.object({ message: z.string(), code: z.number() }),
});

const EXPORT = z.object({
  resourceSpans: z.array(z.object({
    resource: z.object({ attributes: ATTRIBUTES }),
    scopeSpans: z.array(z.object({ scope: z.object({ name: z.string() }), spans: z.array(SPAN) })),
  })),
});

export interface OtlpSink {
  readonly url: string;
  /** What makes a Deno process send here. */
  readonly variables: Readonly<Record<string, string>>;
  /** All that came until now, in the order of arrival; a span comes when it has ended. */
  spans(): readonly SinkSpan[];
  /** The bodies as they came, also of metrics and logs: to be searched for what must not be in them. */
  received(): readonly string[];
  /** Waits until the spans of this trace are `complete`. Throws after 10 seconds. */
  spansOf(traceId: string, complete: (spans: readonly SinkSpan[]) => boolean): Promise<readonly SinkSpan[]>;
  close(): Promise<void>;
}

export interface SinkSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: typeof KINDS[number];
  /** Of the process. */
  readonly service: string;
  /** Of the tracer: the part of the system; "deno" for what the runtime makes of itself. */
  readonly scope: string;
  readonly milliseconds: number;
  readonly attributes: SinkAttributes;
  readonly events: readonly { readonly name: string; readonly attributes: SinkAttributes }[];
  readonly links: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly attributes: SinkAttributes;
  }[];
  /** Code 2 is an error. */
  readonly status: { readonly message: string; readonly code: number };
}

export type SinkAttributes = Readonly<Record<string, string | number | boolean>>;
