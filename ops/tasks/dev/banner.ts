import type { Config } from "../../../shared/config/config.ts";
import type { Embedded } from "../embedded.ts";

/** Shown in the example: well-formed, and never issued to anybody. */
export const DEMO_NIK = "3273015708909999";

/** What `deno task dev` prints once it is ready: the parts, the people, and lines that work when pasted. */
export function banner({ baseUrl, config, embedded, milliseconds }: BannerContext): string {
  const rows = adapters(config, embedded).map(({ port, adapter, variable }) =>
    `  ${port.padEnd(18)} ${adapter.padEnd(44)} ${variable}`.trimEnd()
  );
  return `
Layanan Kependudukan siap dalam ${
    (milliseconds / 1000).toFixed(1)
  } s: ${baseUrl}   (dokumentasi: ${baseUrl}/docs)

  port               adapter                                      pindah dengan
${rows.join("\n")}

  Pengguna (hanya untuk pengembangan; kata sandi <nama>-rahasia): admin, petugas, petugas-jabar, warga, auditor

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

/** One row per port: what stands behind it now, and the variable that moves it. */
function adapters(config: Config, { variables }: Embedded): readonly Row[] {
  const tables = "tabel di PostgreSQL";
  const mongo = config.MONGODB_URI === undefined ? tables : "MongoDB";
  const limiter =
    { memory: "memori proses ini", redis: "Redis", upstash: "Upstash Redis" }[config.limiterStore.kind];
  return [
    {
      port: "database",
      adapter: "DATABASE_URL" in variables ? `PostgreSQL 18 tertanam di ${config.DATA_DIR}` : "PostgreSQL",
      variable: "DATABASE_URL",
    },
    { port: "event log", adapter: config.kafka ? "Kafka" : tables, variable: "KAFKA_BROKERS" },
    { port: "statistics store", adapter: mongo, variable: "MONGODB_URI" },
    { port: "SMS ledger", adapter: mongo, variable: "MONGODB_URI" },
    { port: "officers", adapter: mongo, variable: "MONGODB_URI" },
    {
      port: "identity",
      adapter: "KEYCLOAK_URL" in variables ? "penyedia identitas tertanam" : "Keycloak",
      variable: "KEYCLOAK_URL",
    },
    {
      port: "rate limit",
      adapter: `@upstash/ratelimit di ${limiter}`,
      variable: "REDIS_URL, UPSTASH_REDIS_REST_URL",
    },
    {
      port: "SMS sender",
      adapter: config.twilio ? "Twilio" : "kotak keluar lokal, tidak pernah dikirim",
      variable: "TWILIO_ACCOUNT_SID",
    },
    {
      port: "telemetry",
      adapter: config.OTEL_DENO === "true" ? "/metrics, jejak lewat OTLP" : "/metrics",
      variable: "OTEL_DENO",
    },
  ];
}

interface Row {
  readonly port: string;
  readonly adapter: string;
  readonly variable: string;
}
