import { getLogger } from "@logtape/logtape";
import type { LogEntry } from "kafkajs";

/**
 * Takes what kafkajs logs. It calls an error whatever it tries again, many times a second while a broker is away, so all
 * of it is for debugging: what comes to nothing is told by whoever asked for it. Its texts, and the errors beside them,
 * may quote a whole record: a text ends where a quote begins, and of what stands beside it only the harmless passes.
 */
export function logToLogtape(): (entry: LogEntry) => void {
  return ({ label, log: { message, ...beside } }) => {
    const text = message.replace(/[{["'\r\n].*/s, "…").slice(0, 200);
    const known: Record<string, unknown> = {};
    for (const name of HARMLESS) if (beside[name] !== undefined) known[name] = beside[name];
    log.debug("{label}: {text}", { label, text, ...known });
  };
}

const HARMLESS = ["groupId", "topic", "partition", "broker", "retryCount"];

const log = getLogger(["kependudukan", "kafka"]);
