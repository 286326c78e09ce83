import * as z from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { type ErrorCode, PROBLEMS } from "../shared/http/problem.ts";
import { IDEMPOTENCY_KEY } from "../shared/http/schemas/idempotency_key.ts";
import { AuditPage, AuditSearchInput } from "../shared/http/schemas/audit.ts";
import { ChainInput, ChainState } from "../shared/http/schemas/audit_chain.ts";
import { LoginInput, ProtectedAnswer, RefreshInput, TokensAnswer } from "../shared/http/schemas/auth.ts";
import { OfficerAnswer, OfficerInput, OfficerList } from "../shared/http/schemas/officers.ts";
import { LettersPage, LettersQuery, ReplayAnswer, ReplayInput } from "../shared/http/schemas/dead_letters.ts";
import { OwnPage, OwnQuery } from "../shared/http/schemas/own_registrations.ts";
import { SmsList, SmsQuery } from "../shared/http/schemas/sms.ts";
import {
  KodeParameter,
  ProvinceStatistics,
  StatisticsEvent,
  StatisticsList,
} from "../shared/http/schemas/statistics.ts";
import { Trend, TrendQuery } from "../shared/http/schemas/trend.ts";
import { SystemState } from "../shared/http/schemas/system.ts";
import { Penduduk, PendudukInput } from "../shared/penduduk/penduduk.ts";
import { type Route, type RouteName, ROUTES } from "./routes.ts";

/** OpenAPI 3.1 of everything in the route table, from the schemas that validate. */
export function openApiDocument(): ReturnType<typeof createDocument> {
  return document ??= createDocument({
    openapi: "3.1.0",
    info: {
      title: "Layanan Kependudukan",
      version: "1.0.0",
      description:
        "Pendaftaran penduduk dan statistik provinsi. Semua galat berbentuk RFC 9457 dengan `code` yang tetap.",
    },
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
    paths: paths(),
  });
}

let document: ReturnType<typeof createDocument> | undefined;

function paths(): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of ROUTES) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    const operation = describe(route, operationOf(route));
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation };
  }
  return paths;
}

function describe(route: Route, { problems, ...operation }: Operation): ZodOpenApiOperationObject {
  const guarded = GUARD_PROBLEMS[typeof route.access === "string" ? route.access : "roles"];
  const codes = [...problems, ...guarded, ...ORIGIN_PROBLEMS];
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code].status))].sort();
  const errors = statuses.map((status) => [status, {
    description: codes.filter((code) => PROBLEMS[code].status === status)
      .map((code) => `${code}: ${PROBLEMS[code].title}`).join("; "),
    content: { "application/problem+json": { schema: ProblemAnswer } },
  }]);
  return {
    ...operation,
    ...(typeof route.access !== "string" && {
      security: [{ token: [] }],
      description: `Peran: ${route.access.join(", ")}`,
    }),
    responses: { ...operation.responses, ...Object.fromEntries(errors) },
  };
}

function operationOf({ method, path }: Route): Operation {
  const operation = new Map<string, Operation>(Object.entries(OPERATIONS)).get(`${method} ${path}`);
  if (!operation) throw new Error(`Route "${method} ${path}" is not described`);
  return operation;
}

type Operation = ZodOpenApiOperationObject & { readonly problems: readonly ErrorCode[] };

const json = (schema: z.ZodType) => ({ "application/json": { schema } });
const ok = (description: string, schema: z.ZodType) => ({ 200: { description, content: json(schema) } });
const GUARD_PROBLEMS = {
  public: ["RATE_LIMITED", "IDENTITY_UNAVAILABLE", "AUDIT_UNAVAILABLE"],
  signed: ["FORBIDDEN", "AUDIT_UNAVAILABLE"],
  roles: ["UNAUTHENTICATED", "FORBIDDEN", "RATE_LIMITED", "IDENTITY_UNAVAILABLE", "AUDIT_UNAVAILABLE"],
} as const satisfies Record<string, readonly ErrorCode[]>;
const ORIGIN_PROBLEMS: readonly ErrorCode[] = [
  "UPSTREAM_FAILED",
  "UPSTREAM_TIMEOUT",
  "UPSTREAM_UNAVAILABLE",
  "OVERLOADED",
];
const INPUT_PROBLEMS = [
  "INVALID_INPUT",
  "MALFORMED_JSON",
  "BODY_TOO_LARGE",
  "BODY_TOO_SLOW",
  "UNSUPPORTED_MEDIA_TYPE",
] as const;

const OfficerKode = z.string().meta({ description: "Kode provinsi dua angka", example: "32" });
const OfficerPath = z.object({ kode: OfficerKode, id: z.uuid().meta({ description: "Nomor petugas" }) });

const OPERATIONS: Readonly<Record<RouteName, Operation>> = {
  "POST /login": {
    summary: "Masuk dengan nama pengguna dan kata sandi",
    requestBody: { required: true, content: json(LoginInput) },
    responses: ok("Token", TokensAnswer),
    problems: [...INPUT_PROBLEMS, "WRONG_CREDENTIALS"],
  },
  "POST /refresh": {
    summary: "Perbarui token; token penyegar lama tidak berlaku lagi",
    requestBody: { required: true, content: json(RefreshInput) },
    responses: ok("Token", TokensAnswer),
    problems: [...INPUT_PROBLEMS, "UNAUTHENTICATED"],
  },
  "POST /logout": {
    summary: "Keluar",
    requestBody: { required: true, content: json(RefreshInput) },
    responses: { 204: { description: "Sesi berakhir" } },
    problems: [...INPUT_PROBLEMS, "UNAUTHENTICATED"],
  },
  "GET /protected": {
    summary: "Periksa token",
    responses: ok("Token sah", ProtectedAnswer),
    problems: [],
  },
  "POST /penduduk": {
    summary: "Daftarkan seorang penduduk",
    requestParams: {
      header: z.object({
        "Idempotency-Key": z.string().regex(IDEMPOTENCY_KEY).optional().meta({
          description:
            "Kunci pilihan klien: permintaan yang diulang dengan kunci dan isi yang sama mendapat jawaban pertama",
        }),
      }),
    },
    requestBody: { required: true, content: json(PendudukInput) },
    responses: {
      201: {
        description: "Terdaftar",
        headers: z.object({ Location: z.string().meta({ description: "Alamat penduduk ini" }) }),
        content: json(Penduduk),
      },
    },
    problems: [
      ...INPUT_PROBLEMS,
      "NIK_REGISTERED",
      "IDEMPOTENCY_IN_FLIGHT",
      "IDEMPOTENCY_KEY_REUSED",
      "REGISTRATION_CANCELLED",
      "STORE_UNAVAILABLE",
    ],
  },
  "GET /penduduk/milik-saya": {
    summary: "Pendaftaran oleh pengguna sendiri, hari ini bila tidak diminta lain; NIK disamarkan",
    requestParams: { query: OwnQuery },
    responses: ok("Pendaftaran, yang terbaru dahulu", OwnPage),
    problems: ["INVALID_INPUT", "STORE_UNREADABLE"],
  },
  "GET /penduduk/:id": {
    summary: "Baca seorang penduduk",
    requestParams: { path: z.object({ id: z.uuid().meta({ description: "Nomor pendaftaran" }) }) },
    responses: ok("Penduduk", Penduduk),
    problems: ["NOT_FOUND", "STORE_UNREADABLE"],
  },
  "DELETE /penduduk/:id": {
    summary: "Batalkan pendaftaran seorang penduduk: datanya dihapus, statistik berkurang satu",
    requestParams: { path: z.object({ id: z.uuid().meta({ description: "Nomor pendaftaran" }) }) },
    responses: { 204: { description: "Dibatalkan" } },
    problems: ["NOT_FOUND", "STORE_UNAVAILABLE"],
  },
  "GET /stats": {
    summary: "Jumlah penduduk terdaftar per provinsi",
    responses: ok("38 provinsi menurut kode", StatisticsList),
    problems: ["STORE_UNREADABLE"],
  },
  "GET /stats/stream": {
    summary: "Jumlah per provinsi, langsung setiap kali berubah",
    responses: {
      200: {
        description: "Server-sent events `stats`",
        content: { "text/event-stream": { schema: StatisticsEvent } },
      },
    },
    problems: [],
  },
  "GET /stats/trend": {
    summary: "Pendaftaran per jam atau per hari, menurut waktu pendaftaran",
    requestParams: { query: TrendQuery },
    responses: ok("Trend", Trend),
    problems: ["INVALID_INPUT", "STORE_UNREADABLE"],
  },
  "GET /stats/:kode": {
    summary: "Jumlah satu provinsi, atau seluruh Indonesia dengan kode 00",
    requestParams: {
      path: z.object({ kode: KodeParameter }),
    },
    responses: ok("Provinsi", ProvinceStatistics),
    problems: ["NOT_FOUND", "STORE_UNREADABLE"],
  },
  "GET /surat-gagal": {
    summary: "Surat gagal: peristiwa dan SMS yang tidak dapat diproses, yang terbaru dahulu",
    requestParams: { query: LettersQuery },
    responses: ok("Surat gagal yang terbuka", LettersPage),
    problems: ["INVALID_INPUT", "STORE_UNREADABLE"],
  },
  "POST /surat-gagal/kirim-ulang": {
    summary:
      "Kirim ulang surat gagal kepada bagian yang gagal; tidak ada yang dihitung atau dikirim dua kali",
    requestBody: { required: true, content: json(ReplayInput) },
    responses: ok("Terkirim ulang", ReplayAnswer),
    problems: [...INPUT_PROBLEMS, "STORE_UNAVAILABLE"],
  },
  "GET /sistem": {
    summary: "Keadaan tiap bagian sistem",
    responses: ok("Keadaan sistem", SystemState),
    problems: [],
  },
  "GET /sms": {
    summary: "SMS terakhir, yang terbaru dahulu",
    requestParams: { query: SmsQuery },
    responses: ok("SMS", SmsList),
    problems: ["INVALID_INPUT", "STORE_UNREADABLE"],
  },
  "GET /petugas": {
    summary: "Petugas tiap provinsi, yang menerima SMS; nomor disamarkan",
    responses: ok("Petugas menurut provinsi", OfficerList),
    problems: ["STORE_UNREADABLE"],
  },
  "POST /petugas/:kode": {
    summary: "Tambahkan petugas pada satu provinsi",
    requestParams: { path: z.object({ kode: OfficerKode }) },
    requestBody: { required: true, content: json(OfficerInput) },
    responses: { 201: { description: "Ditambahkan", content: json(OfficerAnswer) } },
    problems: [...INPUT_PROBLEMS, "NOT_FOUND", "NUMBER_TAKEN", "STORE_UNREADABLE", "STORE_UNAVAILABLE"],
  },
  "PUT /petugas/:kode/:id": {
    summary: "Ganti nomor telepon seorang petugas",
    requestParams: { path: OfficerPath },
    requestBody: { required: true, content: json(OfficerInput) },
    responses: ok("Diganti", OfficerAnswer),
    problems: [...INPUT_PROBLEMS, "NOT_FOUND", "NUMBER_TAKEN", "STORE_UNAVAILABLE"],
  },
  "DELETE /petugas/:kode/:id": {
    summary: "Hapus petugas dari satu provinsi",
    requestParams: { path: OfficerPath },
    responses: { 204: { description: "Dihapus" } },
    problems: ["NOT_FOUND", "STORE_UNAVAILABLE"],
  },
  "POST /audit/search": {
    summary: "Cari dalam jejak audit: siapa melakukan apa, terhadap data siapa",
    requestBody: { required: true, content: json(AuditSearchInput) },
    responses: ok("Jejak audit", AuditPage),
    // There is no such address where the audit is not kept in the database.
    problems: [...INPUT_PROBLEMS, "NOT_FOUND", "STORE_UNREADABLE"],
  },
  "GET /audit/chain": {
    summary: "Hasil pemeriksaan terakhir atas keutuhan jejak audit",
    responses: ok("Keadaan rantai", ChainState),
    problems: ["NOT_FOUND", "STORE_UNREADABLE"],
  },
  "POST /audit/chain": {
    summary:
      "Periksa keutuhan jejak audit satu bagian lebih jauh: paling banyak 20.000 baris dalam empat detik",
    requestBody: { required: true, content: json(ChainInput) },
    responses: ok("Keadaan rantai", ChainState),
    problems: [...INPUT_PROBLEMS, "NOT_FOUND", "STORE_UNREADABLE"],
  },
  "POST /sms/status": {
    summary: "Laporan pengiriman dari Twilio, dengan tanda tangan X-Twilio-Signature",
    responses: { 204: { description: "Laporan dicatat" } },
    // There is no such address where no SMS provider is configured.
    problems: ["NOT_FOUND"],
  },
};

const ProblemAnswer = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().meta({ description: "Kode tetap untuk program", enum: Object.keys(PROBLEMS) }),
  traceId: z.string().regex(/^[0-9a-f]{32}$/).meta({ description: "Sebutkan kepada pengelola" }),
  errors: z.array(z.object({ field: z.string(), detail: z.string() })).optional(),
}).meta({ id: "Problem", description: "RFC 9457" });
