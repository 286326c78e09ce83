import type { ErrorCode } from "../http/problem.ts";

/** The record of who did what, to whom, and what came of it. */
export interface Audit {
  /**
   * Resolves when the line is durable. Rejects with `AuditUnavailable` when it cannot be written: the caller then
   * discloses nothing and answers 503 AUDIT_UNAVAILABLE. An operation that changed something is recorded after it took
   * effect and before the answer. Past `withinMs`, for as long as it takes unless told, it rejects likewise, but the
   * line is written as soon as the sinks take it.
   */
  record(entry: AuditEntry, withinMs?: number): Promise<void>;
}

/** Holds codes, ids and keyed tags; a NIK, nama, alamat or telephone number has no place in any field. */
export interface AuditEntry {
  readonly action: AuditAction;
  /** `unknown` when nobody can tell whether it took effect. */
  readonly outcome: "success" | "failure" | "unknown";
  readonly actor: AuditActor;
  /** Why it failed. */
  readonly reason?: AuditReason | undefined;
  /** The person whose data it was, see `subjectTag`; never the NIK. */
  readonly target?: SubjectTag | undefined;
  /** Id of the registry's row, or of the officer. */
  readonly record?: string | undefined;
  readonly clientAddress?: string | undefined;
  readonly traceId?: string | undefined;
  readonly durationMs?: number | undefined;
  /** How many alike this line stands for, or how many rows a command changed; 1 unless told. */
  readonly count?: number | undefined;
}

/** `id`: a user's or client's subject at the identity provider, an operator's account at the database. */
export type AuditActor =
  | { readonly kind: "user" | "service"; readonly id: string; readonly roles: readonly string[] }
  | { readonly kind: "operator"; readonly id: string }
  | { readonly kind: "anonymous" };

/** Problem codes for what the API refused; the others for commands and for the identity provider's refusals. */
export type AuditReason = ErrorCode | "NOT_CONFIRMED" | "PARTLY_FAILED" | "CHAIN_BROKEN";

/** The id of a key and the HMAC-SHA-256 of a NIK under it, `2026-11:9f86…`. */
export type SubjectTag = `${string}:${string}`;

/** Every action that is audited, with its ECS category and type. https://www.elastic.co/docs/reference/ecs */
export const AUDIT_ACTIONS = {
  "penduduk.daftar": { category: ["database"], type: ["creation"] },
  "penduduk.baca": { category: ["database"], type: ["access"] },
  "penduduk.batalkan": { category: ["database"], type: ["deletion"] },
  "stats.baca": { category: ["database"], type: ["access"] },
  "sistem.baca": { category: ["process"], type: ["info"] },
  "sms.baca": { category: ["database"], type: ["access"] },
  "sms.lapor": { category: ["database"], type: ["change"] },
  "petugas.baca": { category: ["database"], type: ["access"] },
  "petugas.tambah": { category: ["database"], type: ["creation"] },
  "petugas.ubah": { category: ["database"], type: ["change"] },
  "petugas.hapus": { category: ["database"], type: ["deletion"] },
  "login": { category: ["authentication"], type: ["start"] },
  "refresh": { category: ["authentication"], type: ["info"] },
  "logout": { category: ["authentication"], type: ["end"] },
  "protected.baca": { category: ["session"], type: ["info"] },
  "user.list": { category: ["iam"], type: ["user", "info"] },
  "user.create": { category: ["iam"], type: ["user", "creation"] },
  "user.disable": { category: ["iam"], type: ["user", "change"] },
  "user.enable": { category: ["iam"], type: ["user", "change"] },
  "user.roles": { category: ["iam"], type: ["user", "change"] },
  "user.reset": { category: ["iam"], type: ["user", "change"] },
  "user.import": { category: ["iam"], type: ["user", "creation"] },
  "keys.rotate": { category: ["configuration"], type: ["change"] },
  "dlq.list": { category: ["database"], type: ["access"] },
  "dlq.show": { category: ["database"], type: ["access"] },
  "dlq.replay": { category: ["database"], type: ["change"] },
  "dlq.drop": { category: ["database"], type: ["change"] },
  "outbox.retry": { category: ["database"], type: ["change"] },
  "stats.rebuild": { category: ["database"], type: ["change"] },
  "audit.start": { category: ["process"], type: ["start"] },
  "audit.stop": { category: ["process"], type: ["end"] },
  "audit.search": { category: ["database"], type: ["access"] },
  "audit.subject": { category: ["database"], type: ["access"] },
  "audit.chain": { category: ["database"], type: ["access"] },
  "audit.verify": { category: ["database"], type: ["access"] },
} as const satisfies Record<
  string,
  { readonly category: readonly string[]; readonly type: readonly string[] }
>;

export type AuditAction = keyof typeof AUDIT_ACTIONS;

/** The line was not written, or nobody knows whether it was. */
export class AuditUnavailable extends Error {
  override readonly name = "AuditUnavailable";
  constructor(options?: ErrorOptions) {
    super("Cannot write the audit line", options);
  }
}
