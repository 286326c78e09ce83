import { getLogger } from "@logtape/logtape";
import { v7 as uuidv7 } from "uuid";
import { classify } from "../../shared/adapters/postgres/errors.ts";
import { type PendudukTerdaftar, toJson } from "../../shared/events/penduduk_event.ts";
import { sealPersonal } from "../../shared/events/sealed.ts";
import type { DataPenduduk } from "../../shared/penduduk/penduduk.ts";
import type { Warning } from "../../shared/penduduk/warning.ts";
import type { BatcherLimits } from "../../shared/resilience/batcher.ts";
import type { Keys } from "../../shared/security/key_ring.ts";
import { randomBytes } from "../../shared/security/random.ts";
import { inSpan } from "../../shared/telemetry/span.ts";
import { tracedBatcher } from "../../shared/telemetry/traced_batcher.ts";
import type { InsertOutcome, NewRow, Repository } from "./repository.ts";

/** Registers residents, many at once: each call joins a batch and gets its own outcome. */
export function createRegistrar(options: RegistrarOptions): Registrar {
  const { repository, keys, now = () => new Date() } = options;
  const batcher = tracedBatcher(
    "registration",
    "insert batch",
    (rows: readonly NewRow[]) => insertBatch(repository, rows),
    { lanes: 2, batch: 128, queue: 2_000, waitMs: 2_000, ...options.limits },
  );
  const inFlight = new Set<string>();

  return {
    async register(request, signal) {
      const row = toRow(request, keys, now());
      const key = row.retry && `${row.retry.registrar}\0${row.retry.key}`;
      if (key !== undefined && inFlight.has(key)) return { kind: "in-flight" };
      if (key !== undefined) inFlight.add(key);
      try {
        const outcome = await inSpan(
          "registration",
          "store penduduk",
          {},
          (span) => batcher.add({ item: row, span }, signal),
        );
        return outcome.kind === "inserted"
          ? { kind: "registered", id: row.id, createdAt: row.createdAt }
          : outcome;
      } finally {
        if (key !== undefined) inFlight.delete(key);
      }
    },
    waiting: () => batcher.depth,
    storing: () => batcher.busy,
  };
}

export interface Registrar {
  /**
   * Resolves when the person and the event are durable. Rejects with `QueueFull`, or with the database's error, after
   * which nobody knows whether the row was stored: the client tries again with its Idempotency-Key.
   */
  register(request: RegistrationRequest, signal: AbortSignal): Promise<Registration>;
  /** Requests that wait for a lane. */
  waiting(): number;
  /** Lanes that store a batch. */
  storing(): number;
}

export interface RegistrationRequest {
  readonly penduduk: DataPenduduk;
  readonly warnings: readonly Warning[];
  /** The caller's `sub`. */
  readonly registrar: string;
  readonly idempotencyKey: string | undefined;
  readonly traceparent: string;
}

export type Registration =
  | { readonly kind: "registered"; readonly id: string; readonly createdAt: Date }
  /** The same request came before: this is its first answer. */
  | { readonly kind: "repeated"; readonly id: string; readonly createdAt: Date }
  | { readonly kind: "in-flight" }
  | Extract<InsertOutcome, { kind: "nik-known" | "key-reused" | "cancelled" | "refused" }>;

export interface RegistrarOptions {
  readonly repository: Repository;
  readonly keys: Keys;
  readonly now?: () => Date;
  readonly limits?: Partial<BatcherLimits>;
}

/**
 * One row that PostgreSQL refuses fails its whole batch, and so does a deadlock: then each row goes alone, so that
 * nobody fails for the sake of a stranger.
 */
async function insertBatch(
  repository: Repository,
  rows: readonly NewRow[],
): Promise<readonly InsertOutcome[]> {
  try {
    return await repository.insert(rows);
  } catch (error) {
    const { kind, code } = classify(error);
    if (kind === "unavailable" || kind === "other" || rows.length === 1) throw error;
    log.warn("Batch of {rows} was refused with {code}: inserting one by one", { rows: rows.length, code });
  }
  return await insertEach(repository, rows);
}

async function insertEach(
  repository: Repository,
  rows: readonly NewRow[],
): Promise<readonly InsertOutcome[]> {
  const outcomes: InsertOutcome[] = [];
  for (const row of rows) {
    try {
      outcomes.push(...await repository.insert([row]));
    } catch (error) {
      if (classify(error).kind === "unavailable") throw error;
      log.error("Row was refused with {code} by {constraint}", { ...classify(error) });
      outcomes.push({ kind: "refused" });
    }
  }
  return outcomes;
}

function toRow(
  { penduduk, warnings, registrar, idempotencyKey, traceparent }: RegistrationRequest,
  keys: Keys,
  now: Date,
): NewRow {
  const { nik, nama, alamat, kode, jenisKelamin, tahunLahir } = penduduk;
  const id = newId(now);
  const event: PendudukTerdaftar = {
    type: "penduduk.terdaftar",
    id: newId(now),
    subject: id,
    time: now,
    traceparent,
    data: { kode, jenisKelamin, tahunLahir, personal: sealPersonal({ nik, nama }, keys.events) },
  };
  return {
    id,
    nik,
    nama,
    alamat,
    kode,
    jenisKelamin,
    tahunLahir,
    warnings: warnings.map((warning) => warning.code),
    createdAt: now,
    createdBy: registrar,
    retry: idempotencyKey === undefined ? undefined : { registrar, key: idempotencyKey },
    event: { id: event.id, payload: toJson(event), traceparent },
  };
}

function newId(now: Date): string {
  return uuidv7({ msecs: now.getTime(), random: randomBytes(16) });
}

const log = getLogger(["kependudukan", "registration"]);
