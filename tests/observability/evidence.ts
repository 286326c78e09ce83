import { join } from "node:path";
import { DATASET } from "../../shared/security/audit/line.ts";
import type { Part } from "../faults/system/part.ts";
import type { Trace } from "./jaeger.ts";

/** What is told of the people in traces: names, attributes and events of every span, not its identifiers. */
export function inTraces(traces: readonly Trace[]): Evidence {
  const spans = traces.flatMap((trace) => trace.spans);
  return {
    what: `names and attributes of ${spans.length} spans in ${traces.length} traces`,
    texts: spans.flatMap(({ service, name, attributes, resource, events }) => {
      const fields = [attributes, resource, ...events].flatMap((each) => Object.entries(each));
      return [
        { where: `name of a span of ${service}`, text: name },
        ...fields.map(([key, value]) => ({
          where: `span ${name} of ${service}, ${key}`,
          text: `${key} ${value}`,
        })),
      ];
    }),
  };
}

/** What the processes and servers printed: lines of the audit, and all others. */
export async function inLogs(folder: string): Promise<readonly [Evidence, Evidence]> {
  const files = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  const lines = await Promise.all(files.map(async (name) => {
    const text = await Deno.readTextFile(join(folder, name));
    return text.split("\n").map((text, i) => ({ where: `${name} line ${i + 1}`, text }));
  }));
  const isAudit = ({ text }: Told) => text.includes(`"event.dataset":"${DATASET}"`);
  const all = lines.flat().filter(({ text }) => text !== "");
  return [
    { what: "lines of the audit", texts: all.filter(isAudit) },
    {
      what: `lines in the logs of ${files.length} processes`,
      texts: all.filter((line) => !isAudit(line)),
    },
  ];
}

export async function inMetrics(parts: readonly Part[]): Promise<Evidence> {
  const told = await Promise.all(
    parts.flatMap(({ name, operations }) =>
      operations.map(async (url) => {
        const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
        const lines = (await answer.text()).split("\n").filter((line) =>
          line !== "" && !line.startsWith("#")
        );
        return lines.map((text) => ({ where: `metrics of ${name}: ${text.split("{")[0]}`, text }));
      })
    ),
  );
  return { what: `series of ${told.length} processes at /metrics`, texts: told.flat() };
}

export interface Evidence {
  readonly what: string;
  readonly texts: readonly Told[];
}

interface Told {
  /** Names the place and repeats nothing that may be personal. */
  readonly where: string;
  readonly text: string;
}
