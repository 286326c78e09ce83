import { useState } from "preact/hooks";
import type { AuditPage as Found } from "../../../shared/http/schemas/audit.ts";
import { ask, type Failure } from "../api/client.ts";
import { t } from "../texts/texts.ts";
import { downloadCsv } from "../ui/download.ts";
import { FailureNotice } from "../ui/failure_notice.tsx";
import { Page } from "../ui/page.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { AuditForm } from "./audit_form.tsx";
import { AuditTable, csvRows, type Entry } from "./audit_table.tsx";
import { type AuditQuestion, searchBody } from "./search.ts";

export function AuditPage() {
  const [asked, setAsked] = useState<AuditQuestion>();
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const [state, setState] = useState<State>({ kind: "idle" });

  const search = async (question: AuditQuestion, before?: string) => {
    setAsked(question);
    setState({ kind: "asking" });
    if (before === undefined) setEntries([]);
    const answer = await ask<Found>("/audit/search", { method: "POST", body: searchBody(question, before) });
    if (answer.kind !== "ok") return setState({ kind: "failed", failure: answer, before });
    setEntries((known) => before === undefined ? answer.body.entries : [...known, ...answer.body.entries]);
    setState({ kind: "found", next: answer.body.next });
  };

  return (
    <Page title={t("audit.title")} lead={t("audit.lead")}>
      <AuditForm onSearch={(question) => void search(question)} />
      {state.kind === "found" && entries.length === 0 && (
        <p class="notice" role="status">{t("audit.empty")}</p>
      )}
      {entries.length > 0 && (
        <section class="card" aria-label={t("audit.title")}>
          <div class="card-head">
            <p class="muted" role="status">{t("audit.found", { count: entries.length })}</p>
            <button
              type="button"
              class="button button-plain button-small"
              onClick={() => downloadCsv("jejak-audit.csv", csvRows(entries))}
            >
              {t("audit.export")}
            </button>
          </div>
          <AuditTable entries={entries} />
          {state.kind === "found" && state.next !== null && asked && (
            <button
              type="button"
              class="button button-plain"
              onClick={() => void search(asked, state.next ?? undefined)}
            >
              {t("audit.more")}
            </button>
          )}
        </section>
      )}
      {state.kind === "asking" && (
        <div class="card">
          <Skeleton rows={8} />
        </div>
      )}
      {state.kind === "failed" && (
        <FailureNotice
          failure={state.failure}
          again={asked && (() => void search(asked, state.before))}
        />
      )}
    </Page>
  );
}

type State =
  | { readonly kind: "idle" }
  | { readonly kind: "asking" }
  | { readonly kind: "found"; readonly next: string | null }
  | { readonly kind: "failed"; readonly failure: Failure; readonly before: string | undefined };
