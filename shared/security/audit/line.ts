import { AUDIT_ACTIONS, type AuditAction, type AuditEntry, type AuditReason } from "../../ports/audit.ts";
import type { AuditSinkName } from "../../ports/audit_sink.ts";

/**
 * One line of the audit: Elastic Common Schema with dotted names, what is ours under `kependudukan`. Flat, and of
 * strings, whole numbers and lists of strings only: that keeps its canonical form simple.
 */
export interface AuditLine extends AuditFields {
  /** The process run that wrote the line, and its place there, from 0. */
  readonly "kependudukan.chain.writer": string;
  readonly "kependudukan.chain.seq": number;
  /** `hash` of the line before it; 64 zeros for the first. */
  readonly "kependudukan.chain.prev": string;
  /** SHA-256 in hexadecimal over the canonical JSON of the line without this field. */
  readonly "kependudukan.chain.hash": string;
}

export interface AuditFields {
  readonly "@timestamp": string;
  readonly "ecs.version": typeof ECS_VERSION;
  readonly "event.action": AuditAction;
  readonly "event.category": readonly string[];
  readonly "event.dataset": typeof DATASET;
  /** Nanoseconds. */
  readonly "event.duration"?: number;
  /** UUIDv7; the id of the document in Elasticsearch too, so that shipping twice changes nothing. */
  readonly "event.id": string;
  readonly "event.kind": "event";
  readonly "event.outcome": AuditEntry["outcome"];
  readonly "event.reason"?: AuditReason;
  readonly "event.type": readonly string[];
  /** An IPv4 address, or the /64 of an IPv6 one: hence no `client.ip`. */
  readonly "client.address"?: string;
  readonly "kependudukan.actor": AuditEntry["actor"]["kind"];
  readonly "kependudukan.count"?: number;
  readonly "kependudukan.record"?: string;
  /** Where the chain is written; on its first line only. */
  readonly "kependudukan.sinks"?: readonly AuditSinkName[];
  readonly "kependudukan.target"?: string;
  readonly "service.name": string;
  readonly "trace.id"?: string;
  readonly "user.id"?: string;
  readonly "user.roles"?: readonly string[];
}

/** What the line says, before it has a place in a chain. */
export function toFields(entry: AuditEntry, { service, id, at }: LineContext): AuditFields {
  const { action, outcome, actor, reason, target, record, clientAddress, traceId, durationMs, count } = entry;
  const { category, type } = AUDIT_ACTIONS[action];
  return {
    "@timestamp": at.toISOString(),
    "ecs.version": ECS_VERSION,
    "event.action": action,
    "event.category": category,
    "event.dataset": DATASET,
    "event.id": id,
    "event.kind": "event",
    "event.outcome": outcome,
    "event.type": isDenial(entry) ? [...type, "denied"] : type,
    "kependudukan.actor": actor.kind,
    "service.name": service,
    ...(actor.kind !== "anonymous" && { "user.id": actor.id }),
    ...("roles" in actor && { "user.roles": actor.roles }),
    ...(reason !== undefined && { "event.reason": reason }),
    ...(target !== undefined && { "kependudukan.target": target }),
    ...(record !== undefined && { "kependudukan.record": record }),
    ...(clientAddress !== undefined && { "client.address": clientAddress }),
    ...(traceId !== undefined && { "trace.id": traceId }),
    ...(durationMs !== undefined && { "event.duration": Math.round(durationMs * 1e6) }),
    ...(count !== undefined && { "kependudukan.count": count }),
  };
}

export interface LineContext {
  /** The part of the system that did it. */
  readonly service: string;
  readonly id: string;
  readonly at: Date;
}

/** Whether somebody was kept out, before anything was done for them. */
export function isDenial({ outcome, reason }: Pick<AuditEntry, "outcome" | "reason">): boolean {
  return outcome === "failure" && reason !== undefined && DENIALS.has(reason);
}

const DENIALS: ReadonlySet<AuditReason> = new Set<AuditReason>([
  "UNAUTHENTICATED",
  "NOT_FROM_EDGE",
  "FORBIDDEN",
  "RATE_LIMITED",
]);

export const ECS_VERSION = "8.17.0";
export const DATASET = "kependudukan.audit";
