import { z } from "zod";
import { AUDIT_ACTIONS, type AuditAction, type AuditReason } from "../../ports/audit.ts";
import { PROBLEMS } from "../../http/problem.ts";
import { AUDIT_SINKS } from "../../ports/audit_sink.ts";
import { type AuditLine, DATASET, ECS_VERSION } from "./line.ts";

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Natural = z.number().int().nonnegative();
const Word = z.string().min(1).max(200);

const FIELDS = {
  "@timestamp": z.iso.datetime(),
  "ecs.version": z.literal(ECS_VERSION),
  "event.action": z.custom<AuditAction>((value) => typeof value === "string" && value in AUDIT_ACTIONS),
  "event.category": z.array(Word),
  "event.dataset": z.literal(DATASET),
  "event.duration": Natural.exactOptional(),
  "event.id": z.uuid(),
  "event.kind": z.literal("event"),
  "event.outcome": z.enum(["success", "failure", "unknown"]),
  "event.reason": z.custom<AuditReason>((value) => typeof value === "string" && REASONS.has(value))
    .exactOptional(),
  "event.type": z.array(Word),
  "client.address": Word.exactOptional(),
  "kependudukan.actor": z.enum(["user", "service", "operator", "anonymous"]),
  "kependudukan.count": Natural.exactOptional(),
  "kependudukan.record": z.uuid().exactOptional(),
  "kependudukan.sinks": z.array(z.enum(AUDIT_SINKS)).exactOptional(),
  "kependudukan.target": z.string().regex(/^[A-Za-z0-9._-]{1,32}:[0-9a-f]{64}$/).exactOptional(),
  "service.name": Word,
  "trace.id": z.string().regex(/^[0-9a-f]{32}$/).exactOptional(),
  "user.id": Word.exactOptional(),
  "user.roles": z.array(Word).exactOptional(),
  "kependudukan.chain.writer": z.uuid(),
  "kependudukan.chain.seq": Natural,
  "kependudukan.chain.prev": Hash,
  "kependudukan.chain.hash": Hash,
} as const satisfies Record<keyof AuditLine, z.ZodType>;

/** What is read back as a line of the audit: nothing but these fields, each of its form. */
export const AuditLineSchema: z.ZodType<AuditLine> = z.strictObject(FIELDS);

/** Every field that a line may have. */
export const AUDIT_FIELDS: readonly string[] = Object.keys(FIELDS);

const REASONS: ReadonlySet<string> = new Set([
  ...Object.keys(PROBLEMS),
  "NOT_CONFIRMED",
  "PARTLY_FAILED",
  "CHAIN_BROKEN",
]);
