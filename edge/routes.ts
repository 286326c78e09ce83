import type { Role } from "../shared/ports/identity.ts";

/** Every way through the edge: what is not in this table does not pass. */
export const ROUTES = [
  { method: "POST", path: "/login", upstream: "auth", access: "public" },
  { method: "POST", path: "/refresh", upstream: "auth", access: "public" },
  { method: "POST", path: "/logout", upstream: "auth", access: "public" },
  { method: "GET", path: "/protected", upstream: "auth", access: ["admin", "petugas", "warga", "auditor"] },
  { method: "POST", path: "/penduduk", upstream: "registration", access: ["petugas", "warga", "admin"] },
  {
    method: "GET",
    path: "/penduduk/:id",
    upstream: "registration",
    access: ["petugas", "warga", "admin", "auditor"],
  },
  { method: "DELETE", path: "/penduduk/:id", upstream: "registration", access: ["admin"] },
  { method: "GET", path: "/stats", upstream: "statistics", access: ["admin"] },
  { method: "GET", path: "/stats/stream", upstream: "statistics", access: ["admin"], streams: true },
  { method: "GET", path: "/stats/:kode", upstream: "statistics", access: ["admin"] },
  { method: "GET", path: "/sms", upstream: "notification", access: ["admin"] },
  { method: "POST", path: "/sms/status", upstream: "notification", access: "signed" },
] as const satisfies readonly Route[];

export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: `/${string}`;
  readonly upstream: Upstream;
  /**
   * `public`: no token, limited by address. `signed`: a program that signs each request, which the origin verifies
   * before anything else; not limited, for thousands come a second. Otherwise the roles, any of which is enough,
   * limited by user.
   */
  readonly access: "public" | "signed" | readonly Role[];
  /** The answer goes on until one side ends it: its deadline covers the headers only. */
  readonly streams?: boolean;
}

export type Upstream = "auth" | "registration" | "statistics" | "notification";
/** For instance "GET /penduduk/:id". */
export type RouteName = NameOf<typeof ROUTES[number]>;
type NameOf<R> = R extends Pick<Route, "method" | "path"> ? `${R["method"]} ${R["path"]}` : never;
