import type { Context, Hono } from "hono";
import { z } from "zod";
import { classify } from "../../shared/adapters/postgres/errors.ts";
import { type AppEnv, createApp, type RequestObserver } from "../../shared/http/app.ts";
import { auditRoutes } from "../../shared/http/audited.ts";
import { authenticate, onlyFromEdge, requireRole } from "../../shared/http/authenticate.ts";
import { boundByDeadline, deadlineOf } from "../../shared/http/deadline.ts";
import { invalidInput, readJsonValue } from "../../shared/http/json_body.ts";
import { Problem } from "../../shared/http/problem.ts";
import { readStore } from "../../shared/http/read_store.ts";
import { IDEMPOTENCY_KEY } from "../../shared/http/schemas/idempotency_key.ts";
import { type DataPenduduk, parsePenduduk, type Penduduk } from "../../shared/penduduk/penduduk.ts";
import { maskNik, type Nik } from "../../shared/penduduk/nik.ts";
import { type KodeProvinsi, provinsi } from "../../shared/penduduk/provinsi.ts";
import { isSynthetic } from "../../shared/penduduk/synthetic.ts";
import type { Warning } from "../../shared/penduduk/warning.ts";
import type { Audit, SubjectTag } from "../../shared/ports/audit.ts";
import type { Caller, Identity } from "../../shared/ports/identity.ts";
import { QueueFull } from "../../shared/resilience/batcher.ts";
import { untilAborted } from "../../shared/resilience/until_aborted.ts";
import { traceparent } from "../../shared/telemetry/trace.ts";
import { type AuditChain, chainState, verifyChain } from "./audit_chain.ts";
import { type AuditSearch, auditSearch } from "./audit_search.ts";
import { cancelRegistration } from "./cancellation.ts";
import { listOwn } from "./own_registrations.ts";
import type { Registrar, Registration } from "./registrar.ts";
import type { Repository } from "./repository.ts";
import type { StoredPenduduk } from "./stored.ts";

/** The registry's HTTP face: `POST /penduduk`, `GET /penduduk/milik-saya`, `GET` and `DELETE /penduduk/{id}`. */
export function createRegistrationApp(context: RegistrationContext): Hono<AppEnv> {
  const { registrar, repository, identity, audit, tag, search, chain, observe, now = () => new Date() } =
    context;
  const app = createApp({ service: "registration", ...(observe && { observe }) });
  auditRoutes(app, audit, [
    ["POST", "/penduduk", "penduduk.daftar"],
    ["GET", "/penduduk/:id", "penduduk.baca"],
    ["DELETE", "/penduduk/:id", "penduduk.batalkan"],
    ["POST", "/audit/search", "audit.search"],
    ["GET", "/audit/chain", "audit.chain"],
    ["POST", "/audit/chain", "audit.verify"],
  ]);
  app.use(boundByDeadline(), onlyFromEdge(identity));
  const authenticated = authenticate((token, signal) => identity.introspect(token, signal));
  app.use("/penduduk/*", authenticated);
  app.use("/audit/*", authenticated, requireRole("auditor"));
  if (search) app.post("/audit/search", auditSearch(search));
  if (chain) app.get("/audit/chain", chainState(chain)).post("/audit/chain", verifyChain(chain));

  app.post("/penduduk", requireRole("petugas", "warga", "admin", "penguji"), async (c) => {
    const idempotencyKey = readIdempotencyKey(c);
    const parsed = parsePenduduk(await readJsonValue(c), now());
    if (parsed.kind === "invalid") throw invalidInput(parsed.errors);
    c.set("target", tag(parsed.penduduk.nik));
    const caller = c.get("caller");
    if (!mayWorkIn(caller, parsed.penduduk.kode)) throw otherProvinsi(caller);
    if (!mayWorkOn(caller, parsed.penduduk.nik)) throw new Problem("FORBIDDEN", ONLY_SYNTHETIC);
    const deadline = deadlineOf(c);
    const registration = await orNotStored(
      registrar.register({
        ...parsed,
        idempotencyKey,
        registrar: caller.subject,
        traceparent: traceparent(c.get("trace")),
      }, deadline),
      deadline,
      "ulangi dengan Idempotency-Key yang sama",
    );
    if ("id" in registration) c.set("record", registration.id);
    return c.json(...answer(registration, parsed.penduduk, parsed.warnings));
  });

  app.get(
    "/penduduk/milik-saya",
    requireRole("petugas", "warga", "admin", "penguji"),
    listOwn(repository, now),
  );

  app.get("/penduduk/:id", requireRole("petugas", "warga", "admin", "auditor", "penguji"), async (c) => {
    const id = z.uuid().safeParse(c.req.param("id"));
    const stored = id.success ? await readStore(c, repository.find(id.data)) : undefined;
    if (stored) {
      c.set("target", tag(stored.nik));
      c.set("record", stored.id);
    }
    if (!stored || !mayRead(c.var.caller, stored)) throw new Problem("NOT_FOUND", "Penduduk ini tidak ada");
    c.header("cache-control", "no-store");
    return c.json(toPenduduk(stored, c.var.caller));
  });

  app.delete("/penduduk/:id", requireRole("admin", "penguji"), async (c) => {
    const id = z.uuid().safeParse(c.req.param("id"));
    const request = { repository, traceparent: traceparent(c.var.trace), now: now() };
    const cancelled = id.success && await mayCancel(c, repository, id.data) &&
      await orNotStored(cancelRegistration({ ...request, id: id.data }), deadlineOf(c), "ulangi pembatalan");
    if (id.success) c.set("record", id.data);
    if (!cancelled) throw new Problem("NOT_FOUND", "Penduduk ini tidak ada, atau sudah dibatalkan");
    c.set("target", tag(cancelled.nik));
    return c.body(null, 204);
  });
  return app;
}

export interface RegistrationContext {
  readonly registrar: Registrar;
  readonly repository: Repository;
  readonly identity: Identity;
  readonly audit: Audit;
  /** Stands for the person in the audit. */
  readonly tag: (nik: Nik) => SubjectTag;
  /** Left out where the audit is not kept in the database. */
  readonly search?: AuditSearch | undefined;
  readonly chain?: AuditChain | undefined;
  readonly observe?: RequestObserver;
  readonly now?: () => Date;
}

function answer(
  registration: Registration,
  { nik, nama, alamat, kode }: DataPenduduk,
  warnings: readonly Warning[],
): [Penduduk, 201, Record<string, string>] {
  switch (registration.kind) {
    case "registered":
    case "repeated": {
      const { id, createdAt } = registration;
      const penduduk = {
        id,
        nik,
        nama,
        alamat,
        provinsi: provinsi(kode).nama,
        kode,
        createdAt: createdAt.toISOString(),
        warnings: [...warnings],
      };
      return [penduduk, 201, { location: `/penduduk/${id}`, "cache-control": "no-store" }];
    }
    case "nik-known":
      throw new Problem("NIK_REGISTERED", "NIK ini sudah terdaftar; periksa kembali nomor yang diketik");
    case "in-flight":
      throw new Problem(
        "IDEMPOTENCY_IN_FLIGHT",
        "Permintaan dengan Idempotency-Key ini masih diproses; ulangi sebentar lagi",
        {
          headers: { "retry-after": "1" },
        },
      );
    case "key-reused":
      throw new Problem(
        "IDEMPOTENCY_KEY_REUSED",
        "Idempotency-Key ini sudah dipakai untuk data lain; pakai kunci baru",
      );
    // Not the first answer again, which would tell of a person who is no longer there, and not a new registration: who
    // repeats a request does not know that it was taken back meanwhile, and who does know takes a new key.
    case "cancelled":
      throw new Problem(
        "REGISTRATION_CANCELLED",
        "Pendaftaran dengan Idempotency-Key ini sudah dibatalkan; pakai kunci baru untuk mendaftar lagi",
      );
    case "refused":
      throw new Problem("INTERNAL", "Terjadi kesalahan; sebutkan traceId kepada pengelola");
  }
}

function readIdempotencyKey(c: Context): string | undefined {
  const header = c.req.header("idempotency-key");
  if (header === undefined) return undefined;
  const key = header.match(IDEMPOTENCY_KEY);
  if (!key) {
    throw invalidInput([{
      field: "Idempotency-Key",
      detail: "Harus 1 sampai 255 karakter ASCII tanpa spasi",
    }]);
  }
  return key[1] ?? key[2];
}

/** Past the deadline nobody knows what becomes of the work, which goes on: it is safe to repeat. */
async function orNotStored<T>(work: Promise<T>, deadline: AbortSignal, advice: string): Promise<T> {
  try {
    return await untilAborted(work, deadline);
  } catch (cause) {
    if (cause instanceof QueueFull) {
      throw new Problem("OVERLOADED", "Terlalu banyak pendaftaran menunggu; ulangi sebentar lagi", { cause });
    }
    if (classify(cause).kind === "unavailable" || classify(cause).kind === "conflict") {
      throw new Problem(
        "STORE_UNAVAILABLE",
        `Penyimpanan tidak tersedia; ${advice}`,
        { cause },
      );
    }
    throw cause;
  }
}

/**
 * Residents see what they registered themselves, and cannot tell another's record from none. Nor can whoever is bound
 * to a province tell a record of another one.
 */
function mayRead(caller: Caller, { createdBy, kode }: StoredPenduduk): boolean {
  if (!mayWorkIn(caller, kode)) return false;
  return caller.roles.has("petugas") || caller.roles.has("admin") || caller.roles.has("auditor") ||
    createdBy === caller.subject;
}

/** A registration never moves to another province, so that it may be looked at before it is taken back. */
async function mayCancel(c: Context<AppEnv>, repository: Repository, id: string): Promise<boolean> {
  const { caller } = c.var;
  if (caller.provinsi === undefined && isOfPeople(caller)) return true;
  const stored = await readStore(c, repository.find(id));
  return stored !== undefined && mayWorkIn(caller, stored.kode) && mayWorkOn(caller, stored.nik);
}

/** The probe's account is no way to real people, whoever gets hold of it. */
function mayWorkOn(caller: Caller, nik: Nik): boolean {
  return isOfPeople(caller) || isSynthetic(nik);
}

function isOfPeople({ roles }: Caller): boolean {
  return roles.has("petugas") || roles.has("warga") || roles.has("admin");
}

const ONLY_SYNTHETIC = "Akun penguji hanya dapat mendaftarkan orang uji";

/** The province of a caller binds, whatever the role. */
function mayWorkIn(caller: Caller, kode: KodeProvinsi): boolean {
  return caller.provinsi === undefined || caller.provinsi === kode;
}

function otherProvinsi({ provinsi: kode }: Caller): Problem {
  const own = kode === undefined ? "" : provinsi(kode).nama;
  return new Problem("FORBIDDEN", `Akun Anda hanya dapat mendaftarkan penduduk Provinsi ${own}`);
}

/** Officers work with the NIK, and whoever registered it knows it; others see it masked. */
function toPenduduk(stored: StoredPenduduk, caller: Caller): Penduduk {
  const { id, nik, nama, alamat, kode, warnings, createdAt, createdBy } = stored;
  const plain = caller.roles.has("petugas") || createdBy === caller.subject;
  return {
    id,
    nik: plain ? nik : maskNik(nik),
    nama,
    alamat,
    provinsi: provinsi(kode).nama,
    kode,
    createdAt: createdAt.toISOString(),
    warnings: [...warnings],
  };
}
