import type { Broken, Report } from "./run.ts";
import type { MemoryUse } from "./system/memory.ts";

export const HEADING = row(
  "broken",
  "requests",
  "failed",
  "no answer for",
  "back after",
  "counted after",
  "",
);

/** One line of the table: what one step did to the clients. */
export function brokenLine({ name, span, countedMs }: Broken): string {
  const failed = [...span.errors.values()].reduce((sum, count) => sum + count, 0);
  const codes = [...span.errors].sort((a, b) => b[1] - a[1]).map(([code, count]) => `${code} ${count}`).join(
    ", ",
  );
  return row(
    name,
    span.requests.toLocaleString("en"),
    failed.toLocaleString("en"),
    seconds(span.unavailableMs),
    seconds(span.recoveryMs),
    seconds(countedMs),
    codes,
  );
}

/** What the whole run came to; the last line is for machines. */
export function toText({ calm, requests, people, drainedMs, memory, restarts, verdict }: Report): string {
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
  const widths = [9, 7, 14, 11, 14, 0];
  return `${name.padEnd(34)} ${
    columns.map((text, i) => i === 5 ? text : text.padStart(widths[i] ?? 0)).join(" ")
  }`
    .trimEnd();
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? "–" : `${(ms / 1000).toFixed(1)} s`;
}
