import type { LogRecord } from "@logtape/logtape";
import { randomBytes } from "../security/random.ts";

/**
 * A log line as one JSON object in the Elastic Common Schema (https://www.elastic.co/docs/reference/ecs), names with
 * dots as in the ECS loggers. What a line says beside its message stands under the schema's name where FIELDS or `error`
 * has one, and else as text under `labels`. Each line has an `event.id` of its own, so that shipping one twice changes nothing.
 */
export function ecsLine(record: LogRecord, { name, version }: LoggingService): string {
  const { error, durationMs, ...properties } = record.properties;
  const line: Record<string, unknown> = {
    "@timestamp": new Date(record.timestamp).toISOString(),
    "log.level": record.level,
    message: record.message.map((part, i) => i % 2 === 0 ? part : shown(part)).join(""),
    "ecs.version": "8.17.0",
    "log.logger": record.category.join("."),
    "service.name": name,
    "service.version": version,
    "event.id": nextId(),
    ...(typeof durationMs === "number" && { "event.duration": Math.round(durationMs * 1e6) }),
    ...errorFields(error),
  };
  const labels: Record<string, string> = {};
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    const field = FIELDS[key];
    if (field !== undefined && line[field] === undefined) line[field] = value;
    // ECS wants labels to be words without structure; a dot in a name would make one.
    else labels[key.replaceAll(".", "_")] = shown(value);
  }
  return JSON.stringify(Object.keys(labels).length > 0 ? { ...line, labels } : line) + "\n";
}

export interface LoggingService {
  /** The part: "edge", "relay". */
  readonly name: string;
  /** The commit that it was built of. */
  readonly version: string;
}

/** What the code calls a property, and what the schema calls it. */
const FIELDS: Readonly<Record<string, string>> = {
  traceId: "trace.id",
  spanId: "span.id",
  reason: "error.message",
  code: "error.code",
  method: "http.request.method",
  status: "http.response.status_code",
};

/**
 * An error's name, or its stack where there is one. Never its message: a library may have filled it with what it was
 * given. A `reason` beside it was made for the log.
 */
function errorFields(error: unknown): Readonly<Record<string, string>> {
  if (error === undefined) return {};
  const text = error instanceof Error ? `${error.name} ${frames(error)}` : shown(error);
  const [, type = "", stack = ""] = /^(\S*)\s*(.*)$/s.exec(text) ?? [];
  return { "error.type": type, ...(stack !== "" && { "error.stack_trace": stack }) };
}

/** A message may go over several lines, and the stack begins with all of it. */
function frames({ stack = "" }: Error): string {
  return stack.split("\n").filter((line) => /^\s+at /.test(line)).join("\n").trim();
}

function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return value.name;
  return JSON.stringify(value) ?? String(value);
}

/** Begins with words of this process alone, so that two that count from 1 do not give one id to two lines. */
function nextId(): string {
  // Not before the first line: some runtimes give out no random bytes while a module is read.
  processId ??= Array.from(randomBytes(8), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${processId}-${++lines}`;
}

let processId: string | undefined;
let lines = 0;
