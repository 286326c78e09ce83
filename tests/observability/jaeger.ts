import { z } from "zod";

/** Asks a Jaeger for what it keeps, by the API of its own page. */
export function openJaeger(url: string): Jaeger {
  const ask = async <T>(path: string, shape: z.ZodType<T>): Promise<T | undefined> => {
    const answer = await fetch(url + path, { signal: AbortSignal.timeout(30_000) });
    const text = await answer.text();
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw new Error(`Ask Jaeger for "${path}" failed with status ${answer.status}`);
    return shape.parse(JSON.parse(text));
  };
  const services = async () => (await ask("/api/services", Services))?.data ?? [];
  const traces = async (path: string) => (await ask(path, Traces))?.data.map(toTrace) ?? [];
  return {
    services,
    trace: async (traceId) => (await traces(`/api/traces/${traceId}`))[0]?.spans ?? [],
    async all() {
      const found = new Map<string, Trace>();
      for (const service of await services()) {
        const query = new URLSearchParams({ service, limit: String(MOST), lookback: "1h" });
        const some = await traces(`/api/traces?${query}`);
        if (some.length === MOST) throw new Error(`Jaeger has more than ${MOST} traces of "${service}"`);
        for (const trace of some) found.set(trace.traceId, trace);
      }
      return [...found.values()];
    },
  };
}

export interface Jaeger {
  /** The names of all that sent spans. */
  services(): Promise<readonly string[]>;
  /** The spans of one trace as far as they have arrived. */
  trace(traceId: string): Promise<readonly Span[]>;
  /** Every trace that it keeps. */
  all(): Promise<readonly Trace[]>;
}

export interface Trace {
  readonly traceId: string;
  readonly spans: readonly Span[];
}

export interface Span {
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly name: string;
  /** Of the process that sent it. */
  readonly service: string;
  /** Microseconds since 1970. */
  readonly startedAt: number;
  readonly microseconds: number;
  readonly attributes: Attributes;
  /** Of the process. */
  readonly resource: Attributes;
  readonly events: readonly Attributes[];
  /** Spans that belong to it besides; its parent may be one of them. */
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

type Attributes = Readonly<Record<string, string | number | boolean>>;

function toTrace({ traceID, spans, processes }: z.output<typeof Traces>["data"][number]): Trace {
  return {
    traceId: traceID,
    spans: spans.map((span): Span => {
      const { serviceName, tags } = processes[span.processID] ?? { serviceName: "", tags: {} };
      // What is linked besides is not repeated as the parent.
      const parent = span.references.find(({ refType }) => refType === "CHILD_OF") ??
        span.references.find((reference) => reference.traceID === traceID);
      return {
        spanId: span.spanID,
        parentId: parent?.spanID,
        name: span.operationName,
        service: serviceName,
        startedAt: span.startTime,
        microseconds: span.duration,
        attributes: span.tags,
        resource: tags,
        events: span.logs.map(({ fields }) => fields),
        links: span.references.filter(({ refType }) => refType !== "CHILD_OF")
          .map(({ traceID, spanID }) => ({ traceId: traceID, spanId: spanID })),
      };
    }),
  };
}

const Tags = z.array(z.object({ key: z.string(), value: z.union([z.string(), z.number(), z.boolean()]) }))
  .nullish()
  .transform((tags) => Object.fromEntries((tags ?? []).map(({ key, value }) => [key, value])));

const Traces = z.object({
  data: z.array(z.object({
    traceID: z.string(),
    spans: z.array(z.object({
      spanID: z.string(),
      operationName: z.string(),
      processID: z.string(),
      startTime: z.number(),
      duration: z.number(),
      references: z.array(z.object({ refType: z.string(), traceID: z.string(), spanID: z.string() })),
      tags: Tags,
      logs: z.array(z.object({ fields: Tags })).nullish().transform((logs) => logs ?? []),
    })),
    processes: z.record(z.string(), z.object({ serviceName: z.string(), tags: Tags })),
  })),
});

const Services = z.object({ data: z.array(z.string()).nullable().transform((names) => names ?? []) });

/** More would not be looked at. */
const MOST = 10_000;
