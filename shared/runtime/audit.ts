import { openAuditFile } from "../adapters/file/audit_file.ts";
import { auditText, writeToStdout } from "../adapters/file/audit_text.ts";
import { AUDIT, openAuditTable } from "../adapters/postgres/audit_table.ts";
import { migrate } from "../adapters/postgres/migrate.ts";
import { ConfigError } from "../config/config.ts";
import type { Audit } from "../ports/audit.ts";
import type { AuditSink, AuditSinkName } from "../ports/audit_sink.ts";
import { collapseDenials, type CollapsingAudit } from "../security/audit/denials.ts";
import { sha256 } from "../security/audit/sha256.ts";
import { openAuditWriter } from "../security/audit/writer.ts";
import { observeSinks } from "./audit_metrics.ts";
import type { Platform } from "./platform.ts";

/** The audit of this process, in the sinks that `AUDIT_SINKS` names: one chain for all its services. */
export async function openAudit(platform: Platform, service: string): Promise<ProcessAudit> {
  const [first, ...others] = platform.config.AUDIT_SINKS;
  const observed = observeSinks(platform.metrics);
  const sinks: [AuditSink, ...AuditSink[]] = [observed(await openSink(platform, first))];
  for (const name of others) sinks.push(observed(await openSink(platform, name)));
  const writer = await openAuditWriter({ sinks, service, sha256 });
  platform.metrics.gauge("audit_unwritten", "Audit lines that wait to be written", writer.unwritten);
  const audits = new Map<string, CollapsingAudit>();
  return {
    of(service) {
      const audit = audits.get(service) ?? collapseDenials(writer.of(service));
      audits.set(service, audit);
      return audit;
    },
    check: () => writer.check(),
    async close() {
      for (const audit of audits.values()) await audit.flush();
      await writer.close();
    },
  };
}

export interface ProcessAudit {
  /** The audit under the name of one service. */
  of(service: string): Audit;
  /** Rejects while lines cannot be written. */
  check(): Promise<void>;
  close(): Promise<void>;
}

async function openFile(path: string): Promise<AuditSink> {
  try {
    return await openAuditFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.name : "unknown";
    throw new ConfigError([
      `AUDIT_FILE "${path}" cannot be opened (${reason}): name a file in a folder that is there and may be read`,
    ]);
  }
}

async function openSink(platform: Platform, name: AuditSinkName): Promise<AuditSink> {
  switch (name) {
    case "file":
      return await openFile(platform.config.AUDIT_FILE);
    case "stdout":
      return auditText(writeToStdout);
    case "table": {
      const pool = await platform.pool("audit", { max: 2, role: "audit_writer" });
      await migrate(pool, AUDIT);
      return openAuditTable(pool);
    }
  }
}
