import { getLogger } from "@logtape/logtape";
import type { LogEntry } from "kafkajs";

/**
 * Takes what kafkajs logs. Its texts and the errors beside them may quote a whole record: so a text ends where a quote
 * begins, and of what stands beside it only the harmless passes. Its errors are warnings here, since it goes on trying;
 * what comes to nothing is told by whoever asked for it.
 */
export function logToLogtape(): (entry: LogEntry) => void {
  return ({ label, log: { message, ...beside } }) => {
    // It is meant for who relies on them alone; ours drops a producer whose retries came to nothing.
    if (message.startsWith("Limiting retries for the idempotent producer")) return;
    const text = message.replace(/[{["'\r\n].*/s, "…").slice(0, 200);
    const known: Record<string, unknown> = {};
    for (const name of HARMLESS) if (beside[name] !== undefined) known[name] = beside[name];
    if (label === "ERROR") log.warn("{text}", { text, ...known });
    else log.info("{text}", { text, ...known });
  };
}

const HARMLESS = ["groupId", "topic", "partition", "broker", "retryCount"];

const log = getLogger(["kependudukan", "kafka"]);
