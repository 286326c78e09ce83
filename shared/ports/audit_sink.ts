import type { AuditLine } from "../security/audit/line.ts";

/** A place where audit lines are kept: they are added at its end and never changed. */
export interface AuditSink {
  /** As `kependudukan.chain.sinks` of the first line of a chain names it. */
  readonly name: AuditSinkName;
  /**
   * Resolves when all lines are durable, in their order. When it rejects, some, all or none are, and the same lines
   * come again before any other: a line that is there already is not written twice.
   */
  append(lines: readonly SealedLine[], signal: AbortSignal): Promise<void>;
  /** The last lines that were written before this process began, for the sinks that a crash may have kept from them. */
  recent(): Promise<readonly SealedLine[]>;
  close(): Promise<void>;
}

export const AUDIT_SINKS = ["file", "table", "stdout"] as const;
export type AuditSinkName = typeof AUDIT_SINKS[number];

/** A line with its place in a chain, and its text: canonical JSON (RFC 8785), without a line end. */
export interface SealedLine {
  readonly line: AuditLine;
  readonly text: string;
}
