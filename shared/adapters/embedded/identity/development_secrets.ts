/** Values of the realm file's `${NAME}` for development. A production start refuses every one of them. */
export const DEVELOPMENT_SECRETS: Readonly<Record<string, string>> = {
  GOV_ADMIN_PASSWORD: "admin-rahasia",
  GOV_PETUGAS_PASSWORD: "petugas-rahasia",
  GOV_PETUGAS_JABAR_PASSWORD: "petugas-jabar-rahasia",
  GOV_WARGA_PASSWORD: "warga-rahasia",
  GOV_AUDITOR_PASSWORD: "auditor-rahasia",
  GOV_AUTH_SERVICE_SECRET: "auth-service-rahasia",
  GOV_GATEWAY_SECRET: "gateway-rahasia",
  GOV_PROBE_SECRET: "probe-rahasia",
  GOV_SIMULASI_SECRET: "simulasi-rahasia",
  GOV_PENDAFTARAN_SECRET: "pendaftaran-rahasia",
  GOV_STATISTIK_SECRET: "statistik-rahasia",
  GOV_NOTIFIKASI_SECRET: "notifikasi-rahasia",
  GOV_AUTH_ADMIN_SECRET: "auth-admin-rahasia",
};
