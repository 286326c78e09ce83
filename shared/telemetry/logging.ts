import { ansiColorFormatter, configure, type LogRecord, type TextFormatter } from "@logtape/logtape";

/** Sends every log line of the process to standard error: readable lines on a terminal, JSON (ECS) in production. */
export async function configureLogging({ level, format, service }: LoggingOptions): Promise<void> {
  const formatter: TextFormatter = format === "json"
    ? (record) => ecsLine(record, service)
    : ansiColorFormatter;
  const encoder = new TextEncoder();
  await configure({
    reset: true,
    sinks: { stderr: (record) => void Deno.stderr.writeSync(encoder.encode(mask(formatter(record)))) },
    loggers: [
      { category: "kependudukan", lowestLevel: level, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["stderr"] },
    ],
  });
}

export interface LoggingOptions {
  readonly level: "debug" | "info" | "warning" | "error";
  readonly format: "text" | "json";
  readonly service: string;
}

/** The last line of defence: no code logs personal data, and what a library lets slip is blanked here. */
export function mask(line: string): string {
  return line.replace(/(?<![\da-f-])\d{16}(?![\da-f-])/g, "[nik]").replace(/\+62\d{6,12}/g, "[telepon]");
}

/** Elastic Common Schema: https://www.elastic.co/docs/reference/ecs */
export function ecsLine(
  { timestamp, level, category, message, properties }: LogRecord,
  service: string,
): string {
  const { traceId, ...labels } = properties;
  return JSON.stringify({
    "@timestamp": new Date(timestamp).toISOString(),
    "log.level": level,
    "log.logger": category.join("."),
    message: message.map((part) => typeof part === "string" ? part : JSON.stringify(part)).join(""),
    "service.name": service,
    ...(traceId !== undefined && { "trace.id": traceId }),
    ...(Object.keys(labels).length > 0 && { labels }),
  }) + "\n";
}
