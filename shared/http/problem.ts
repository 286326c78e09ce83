/**
 * Every error answer of the system: RFC 9457 problem details with a stable `code` from one closed union.
 * Titles and details are read by people in Indonesian; programs decide by `code`.
 */
export const PROBLEMS = {
  INVALID_INPUT: { status: 400, title: "Data tidak sah" },
  MALFORMED_JSON: { status: 400, title: "JSON tidak sah" },
  UNAUTHENTICATED: { status: 401, title: "Perlu masuk" },
  NOT_FROM_EDGE: { status: 401, title: "Bukan melalui gerbang layanan" },
  WRONG_CREDENTIALS: { status: 401, title: "Nama pengguna atau kata sandi salah" },
  FORBIDDEN: { status: 403, title: "Akses ditolak" },
  NOT_FOUND: { status: 404, title: "Tidak ditemukan" },
  METHOD_NOT_ALLOWED: { status: 405, title: "Metode tidak didukung" },
  BODY_TOO_SLOW: { status: 408, title: "Isi permintaan terlalu lambat" },
  NIK_REGISTERED: { status: 409, title: "NIK sudah terdaftar" },
  IDEMPOTENCY_IN_FLIGHT: { status: 409, title: "Permintaan yang sama masih diproses" },
  REGISTRATION_CANCELLED: { status: 409, title: "Pendaftaran ini sudah dibatalkan" },
  NUMBER_TAKEN: { status: 409, title: "Nomor sudah ada" },
  BODY_TOO_LARGE: { status: 413, title: "Isi permintaan terlalu besar" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: "Jenis isi tidak didukung" },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: "Idempotency-Key dipakai untuk data lain" },
  RATE_LIMITED: { status: 429, title: "Terlalu banyak permintaan" },
  INTERNAL: { status: 500, title: "Kesalahan di pihak kami" },
  UPSTREAM_FAILED: { status: 502, title: "Layanan di belakang tidak menjawab dengan benar" },
  STORE_UNAVAILABLE: { status: 503, title: "Gagal menyimpan data" },
  STORE_UNREADABLE: { status: 503, title: "Gagal membaca data" },
  AUDIT_UNAVAILABLE: { status: 503, title: "Jejak audit tidak dapat ditulis" },
  IDENTITY_UNAVAILABLE: { status: 503, title: "Layanan identitas tidak tersedia" },
  UPSTREAM_UNAVAILABLE: { status: 503, title: "Layanan di belakang sedang tidak tersedia" },
  OVERLOADED: { status: 503, title: "Layanan sedang penuh" },
  UPSTREAM_TIMEOUT: { status: 504, title: "Layanan di belakang terlalu lambat" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof PROBLEMS;

/** One wrong field of the input; `detail` never repeats the value that was sent. */
export interface FieldError {
  readonly field: string;
  readonly detail: string;
}

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly traceId: string;
  readonly errors?: readonly FieldError[];
}

/** Thrown by handlers and middleware; the app's error handler turns it into the answer. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    options: { errors?: readonly FieldError[]; headers?: Readonly<Record<string, string>>; cause?: unknown } =
      {},
  ) {
    super(code, { cause: options.cause });
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }

  toResponse(traceId: string): Response {
    const { status, title } = PROBLEMS[this.code];
    const body: ProblemBody = {
      type: `/docs#${this.code}`,
      title,
      status,
      detail: this.detail,
      code: this.code,
      traceId,
      ...(this.errors && { errors: this.errors }),
    };
    return new Response(JSON.stringify(body), {
      status,
      headers: {
        "content-type": "application/problem+json; charset=utf-8",
        "cache-control": "no-store",
        // A 500 is a defect: the same request would meet it again.
        ...(status > 500 && { "retry-after": "5" }),
        ...(status === 401 && { "www-authenticate": "Bearer" }),
        ...this.headers,
      },
    });
  }
}
