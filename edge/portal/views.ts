import { ADMIN_VIEWS } from "./admin/views.tsx";
import type { PortalRole } from "./session/person.ts";
import type { TextKey } from "./texts/texts.ts";

/** The views and whom they are for; the edge decides by itself who may do what. */
const VIEWS = [
  { path: "daftar", label: "nav.register", roles: ["petugas", "warga", "admin"] },
  { path: "pendaftaran", label: "nav.look", roles: ["petugas", "warga", "admin", "auditor"] },
  ...ADMIN_VIEWS.map(({ path, label }) => ({ path, label, roles: ["admin"] } as const)),
  { path: "audit", label: "nav.audit", roles: ["auditor"] },
  { path: "keutuhan", label: "nav.chain", roles: ["auditor"] },
] as const satisfies readonly View[];

export type ViewPath = typeof VIEWS[number]["path"];

interface View {
  readonly path: string;
  readonly label: TextKey;
  readonly roles: readonly PortalRole[];
}

export function viewsOf(roles: ReadonlySet<PortalRole>) {
  return VIEWS.filter((view) => view.roles.some((role) => roles.has(role)));
}

/** What is shown to somebody of these roles who asks for nothing, or for what is not theirs. */
export function viewFor(roles: ReadonlySet<PortalRole>, path: string): ViewPath | undefined {
  const open = viewsOf(roles);
  const first = open.find((view) => roles.has("admin") ? view.path === "statistik" : true);
  const auditor = roles.has("auditor") && !roles.has("admin")
    ? open.find((view) => view.path === "audit")
    : undefined;
  return (open.find((view) => view.path === path) ?? auditor ?? first)?.path;
}
