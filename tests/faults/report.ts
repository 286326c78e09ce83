import { merge, type Span } from "./load/recorder.ts";
import type { Broken, Report } from "./run.ts";
import type { MemoryUse } from "./system/memory.ts";

export const HEADING = row(
  "broken",
  "requests",
  "failed",
  "none for",
  "reads failed",
  "none for",
  "back after",
  "counted after",
  "",
);

/** One line of the table: what one step did to the clients. */
export function brokenLine({ name, span, visited, countedMs }: Broken): string {
  const { errors } = merge([span, visited]);
  const codes = [...errors].sort((a, b) => b[1] - a[1]).map(([code, count]) => `${code} ${count}`);
  return row(
    name,
    span.requests.toLocaleString("en"),
    failed(span),
    seconds(span.unavailableMs),
    failed(visited),
    seconds(visited.unavailableMs),
    seconds(Math.max(span.recoveryMs, visited.recoveryMs)),
    seconds(countedMs),
    codes.join(", "),
  );
}

function failed({ errors }: Span): string {
  return [...errors.values()].reduce((sum, count) => sum + count, 0).toLocaleString("en");
}

/**
 * What the whole run came to. The last line is for machines, as that of the other suites: each step counts one, and so
 * does the comparison in the end.
 */
export function toText(
  { calm, broken, requests, people, drainedMs, memory, restarts, verdict }: Report,
): string {
  const passed = broken.filter(({ problems }) => problems.length === 0).length +
    (verdict.problems.length === 0 ? 1 : 0);
  const kinds = byKind(memory);
  const longest = Math.max(...kinds.map(({ name }) => name.length));
  const mb = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MB`.padStart(7);
  return [
    "",
    `calm       P99 ${Math.round(calm.p99Ms)} ms, longest without an answer ${seconds(calm.unavailableMs)}`,
    `requests   ${requests.toLocaleString("en")} for ${people.toLocaleString("en")} residents`,
    `drained    ${drainedMs === undefined ? "not everything" : `after ${seconds(drainedMs)}`}`,
    `restarts   ${restarts.join(", ") || "none"} without having been killed`,
    "memory     at first, at last, at most; of several of one kind the largest",
    ...kinds.map(({ name, first, last, peak }) =>
      `           ${name.padEnd(longest)} ${mb(first)} ${mb(last)} ${mb(peak)}`
    ),
    "",
    ...verdict.problems,
    `lost ${verdict.lost}, doubled ${verdict.doubled}, problems ${verdict.problems.length}`,
    `${passed} passed, ${broken.length + 1 - passed} failed`,
    "",
  ].join("\n");
}

/** The instances of a part are numbered, as are Kafka's brokers. */
function byKind(memory: readonly MemoryUse[]): readonly MemoryUse[] {
  const kinds = new Map<string, MemoryUse>();
  for (const { name: numbered, first, last, peak } of memory) {
    const name = numbered.replace(/-\d+$/, "");
    const seen = kinds.get(name) ?? { first: 0, last: 0, peak: 0 };
    kinds.set(name, {
      name,
      first: Math.max(seen.first, first),
      last: Math.max(seen.last, last),
      peak: Math.max(seen.peak, peak),
    });
  }
  return [...kinds.values()];
}

function row(name: string, ...columns: readonly string[]): string {
  const [nameWidth = 0, ...widths] = [28, 8, 6, 8, 12, 8, 10, 13];
  const cells = columns.map((text, i) => text.padStart(widths[i] ?? 0));
  const begin = name.length > nameWidth ? `${name}\n${" ".repeat(nameWidth)}` : name.padEnd(nameWidth);
  return `${begin} ${cells.join(" ")}`.trimEnd();
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? "–" : `${(ms / 1000).toFixed(1)} s`;
}
