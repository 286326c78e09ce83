import type { AuditAction } from "../shared/ports/audit.ts";
import type { Role } from "../shared/ports/identity.ts";

/** Every way through the edge: what is not in this table does not pass. */
export const ROUTES = [
  { method: "POST", path: "/login", audit: "login", upstream: "auth", access: "public" },
  { method: "POST", path: "/refresh", audit: "refresh", upstream: "auth", access: "public" },
  { method: "POST", path: "/logout", audit: "logout", upstream: "auth", access: "public" },
  {
    method: "GET",
    path: "/protected",
    audit: "protected.baca",
    upstream: "auth",
    access: ["admin", "petugas", "warga", "auditor"],
  },
  {
    method: "POST",
    path: "/penduduk",
    audit: "penduduk.daftar",
    upstream: "registration",
    access: ["petugas", "warga", "admin", "penguji"],
    conflicts: true,
    keyed: true,
  },
  {
    method: "GET",
    path: "/penduduk/milik-saya",
    audit: "penduduk.baca",
    upstream: "registration",
    access: ["petugas", "warga", "admin", "penguji"],
  },
  {
    method: "GET",
    path: "/penduduk/:id",
    audit: "penduduk.baca",
    upstream: "registration",
    access: ["petugas", "warga", "admin", "auditor", "penguji"],
  },
  {
    method: "DELETE",
    path: "/penduduk/:id",
    audit: "penduduk.batalkan",
    upstream: "registration",
    access: ["admin", "penguji"],
  },
  { method: "GET", path: "/stats", audit: "stats.baca", upstream: "statistics", access: ["admin"] },
  {
    method: "GET",
    path: "/stats/stream",
    audit: "stats.baca",
    upstream: "statistics",
    access: ["admin"],
    streams: true,
  },
  { method: "GET", path: "/stats/trend", audit: "stats.baca", upstream: "statistics", access: ["admin"] },
  {
    method: "GET",
    path: "/stats/:kode",
    audit: "stats.baca",
    upstream: "statistics",
    access: ["admin", "penguji"],
  },
  { method: "GET", path: "/surat-gagal", audit: "dlq.list", upstream: "statistics", access: ["admin"] },
  {
    method: "POST",
    path: "/surat-gagal/kirim-ulang",
    audit: "dlq.replay",
    upstream: "statistics",
    access: ["admin"],
  },
  { method: "GET", path: "/sistem", audit: "sistem.baca", upstream: "edge", access: ["admin"] },
  { method: "GET", path: "/sms", audit: "sms.baca", upstream: "notification", access: ["admin"] },
  { method: "GET", path: "/petugas", audit: "petugas.baca", upstream: "notification", access: ["admin"] },
  {
    method: "POST",
    path: "/petugas/:kode",
    audit: "petugas.tambah",
    upstream: "notification",
    access: ["admin"],
  },
  {
    method: "PUT",
    path: "/petugas/:kode/:id",
    audit: "petugas.ubah",
    upstream: "notification",
    access: ["admin"],
  },
  {
    method: "DELETE",
    path: "/petugas/:kode/:id",
    audit: "petugas.hapus",
    upstream: "notification",
    access: ["admin"],
  },
  {
    method: "POST",
    path: "/audit/search",
    audit: "audit.search",
    upstream: "registration",
    access: ["auditor"],
  },
  {
    method: "GET",
    path: "/audit/chain",
    audit: "audit.chain",
    upstream: "registration",
    access: ["auditor"],
  },
  {
    method: "POST",
    path: "/audit/chain",
    audit: "audit.verify",
    upstream: "registration",
    access: ["auditor"],
  },
  { method: "POST", path: "/sms/status", audit: "sms.lapor", upstream: "notification", access: "signed" },
] as const satisfies readonly Route[];

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: `/${string}`;
  /** As what a request is audited: its refusals by the edge, all else by the origin. */
  readonly audit: AuditAction;
  /** `edge`: answered by the edge itself. */
  readonly upstream: Upstream | "edge";
  /**
   * `public`: no token, limited by address. `signed`: a program that signs each request, which the origin verifies
   * before anything else; not limited, for thousands come a second. Otherwise the roles, any of which is enough,
   * limited by user.
   */
  readonly access: "public" | "signed" | readonly Role[];
  /** Its 409 may tell that somebody is registered: each user's are limited. */
  readonly conflicts?: boolean;
  /** With an Idempotency-Key a repetition has no further effect. */
  readonly keyed?: boolean;
  /** The answer goes on until one side ends it: its deadline covers the headers only. */
  readonly streams?: boolean;
}

export type Upstream = "auth" | "registration" | "statistics" | "notification";
/** For instance "GET /penduduk/:id". */
export type RouteName = NameOf<typeof ROUTES[number]>;
type NameOf<R> = R extends Pick<Route, "method" | "path"> ? `${R["method"]} ${R["path"]}` : never;
