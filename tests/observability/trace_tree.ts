import type { Span } from "./jaeger.ts";

/**
 * Draws the spans of one trace, each below the one that led to it and in the order of their start:
 *
 *      0.0 ms    52.1 ms  edge          POST /penduduk
 *      3.2 ms    40.8 ms  registration  └─ POST /penduduk
 */
export function drawTree(spans: readonly Span[]): string {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(
    spans.toSorted((a, b) => a.startedAt - b.startedAt),
    // What came from outside, or has lost its parent, stands at the left.
    ({ parentId }) => parentId !== undefined && known.has(parentId) ? parentId : undefined,
  );
  const begun = Math.min(...spans.map(({ startedAt }) => startedAt));
  const width = Math.max(...spans.map(({ service }) => service.length));
  return branches(undefined, "").join("\n");

  function branches(parent: string | undefined, indent: string): readonly string[] {
    const own = children.get(parent) ?? [];
    return own.flatMap((span, i) => {
      const last = i === own.length - 1;
      const root = parent === undefined;
      const fork = root ? "" : last ? "└─ " : "├─ ";
      return [
        line(span, indent + fork),
        ...branches(span.spanId, root ? "" : indent + (last ? "   " : "│  ")),
      ];
    });
  }

  function line({ startedAt, microseconds, service, name, links }: Span, branch: string): string {
    const linked = links.length > 0 ? ` (${links.length} linked)` : "";
    const times = `${milliseconds(startedAt - begun)} ${milliseconds(microseconds)}`;
    return `${times}  ${service.padEnd(width)}  ${branch}${name}${linked}`;
  }
}

/** The systems that had a part in it: processes of ours, and what they named as the other end of a call. */
export function systemsOf(spans: readonly Span[]): readonly string[] {
  const names = spans.flatMap(({ service, attributes }) => [
    service,
    ...PEER.flatMap((name) => attributes[name] === undefined ? [] : [String(attributes[name])]),
  ]);
  return [...new Set(names)];
}

/** https://opentelemetry.io/docs/specs/semconv/registry/attributes/ */
const PEER = ["db.system.name", "messaging.system", "peer.service"];

function milliseconds(microseconds: number): string {
  return `${(microseconds / 1000).toFixed(1).padStart(8)} ms`;
}
