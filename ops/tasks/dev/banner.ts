import type { Config } from "../../../shared/config/config.ts";
import type { Embedded } from "../embedded.ts";

/** Shown in the example: well-formed, and never issued to anybody. */
export const DEMO_NIK = "3273015708909999";

/** What `deno task dev` prints once it is ready: the parts, the people, and lines that work when pasted. */
export function banner({ baseUrl, config, embedded, milliseconds }: BannerContext): string {
  const rows = adapters(config, embedded).map(([port, adapter, variable]) =>
    `  ${port.padEnd(18)} ${adapter.padEnd(44)} ${variable}`
  );
  return `
Layanan Kependudukan siap dalam ${
    (milliseconds / 1000).toFixed(1)
  } s: ${baseUrl}   (dokumentasi: ${baseUrl}/docs)

  port               adapter                                      pindah dengan
${rows.join("\n")}

  Pengguna (hanya untuk pengembangan; kata sandi <nama>-rahasia): admin, petugas, warga, auditor

Coba:
  TOKEN=$(curl -s ${baseUrl}/login -H 'content-type: application/json' -d '{"username":"petugas","password":"petugas-rahasia"}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl -s ${baseUrl}/penduduk -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"nik":"${DEMO_NIK}","nama":"Siti Contoh","alamat":"Jl. Contoh No. 1","provinsi":"Jawa Barat"}'
  ADMIN=$(curl -s ${baseUrl}/login -H 'content-type: application/json' -d '{"username":"admin","password":"admin-rahasia"}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl -s ${baseUrl}/stats/32 -H "authorization: Bearer $ADMIN"
  curl -s ${baseUrl}/sms?limit=1 -H "authorization: Bearer $ADMIN"

Berhenti dengan Ctrl-C.
`;
}

export interface BannerContext {
  readonly baseUrl: string;
  readonly config: Config;
  readonly embedded: Embedded;
  readonly milliseconds: number;
}

function adapters(
  { DATA_DIR }: Config,
  { variables }: Embedded,
): readonly (readonly [string, string, string])[] {
  const database = "DATABASE_URL" in variables
    ? `PostgreSQL 18 tertanam di ${DATA_DIR}`
    : "PostgreSQL (DATABASE_URL)";
  const identity = "KEYCLOAK_URL" in variables ? "penyedia identitas tertanam" : "Keycloak (KEYCLOAK_URL)";
  return [
    ["database", database, "DATABASE_URL"],
    ["event log", "tabel di PostgreSQL", ""],
    ["statistics store", "tabel di PostgreSQL", ""],
    ["SMS ledger", "tabel di PostgreSQL", ""],
    ["officers", "tabel di PostgreSQL", ""],
    ["identity", identity, "KEYCLOAK_URL"],
    ["rate limit", "@upstash/ratelimit di memori proses ini", ""],
    ["SMS sender", "kotak keluar lokal, tidak pernah dikirim", ""],
    ["telemetry", "/metrics", ""],
  ];
}
