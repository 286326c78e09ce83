import type { FunctionComponent } from "preact";
import type { TextKey } from "../texts/texts.ts";
import { LettersPage } from "./letters_page.tsx";
import { ComparisonPage } from "./comparison_page.tsx";
import { OfficersPage } from "./officers_page.tsx";
import { SmsPage } from "./sms_page.tsx";
import { StatisticsPage } from "./statistics_page.tsx";
import { SystemPage } from "./system_page.tsx";

/** The admin's views in the order of the menu: a new one is a file of its own and a line here. */
export const ADMIN_VIEWS = [
  { path: "statistik", label: "nav.statistics", Page: StatisticsPage },
  { path: "perbandingan", label: "nav.comparison", Page: ComparisonPage },
  { path: "sms", label: "nav.sms", Page: SmsPage },
  { path: "petugas", label: "nav.officers", Page: OfficersPage },
  { path: "surat-gagal", label: "nav.letters", Page: LettersPage },
  { path: "sistem", label: "nav.system", Page: SystemPage },
] as const satisfies readonly AdminView[];

export type AdminPath = typeof ADMIN_VIEWS[number]["path"];

export function AdminPage({ path }: { path: AdminPath }) {
  const view = ADMIN_VIEWS.find((view) => view.path === path);
  return view ? <view.Page key={path} /> : null;
}

interface AdminView {
  readonly path: string;
  readonly label: TextKey;
  readonly Page: FunctionComponent;
}
