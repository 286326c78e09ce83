import { type Audit, type AuditEntry, AuditUnavailable } from "../../shared/ports/audit.ts";

/** Keeps the entries in memory, in their order. */
export class FakeAudit implements Audit {
  readonly entries: AuditEntry[] = [];
  /** While set, nothing is written. */
  failing = false;

  record(entry: AuditEntry): Promise<void> {
    if (this.failing) return Promise.reject(new AuditUnavailable());
    this.entries.push(entry);
    return Promise.resolve();
  }
}
