import { useState } from "preact/hooks";
import { AUDIT_ACTIONS } from "../../../shared/ports/audit.ts";
import { t } from "../texts/texts.ts";
import { describedBy, Field } from "../ui/field.tsx";
import { type AuditQuestion, nikError, NO_QUESTION } from "./search.ts";

export function AuditForm({ onSearch }: { onSearch: (question: AuditQuestion) => void }) {
  const [question, setQuestion] = useState(NO_QUESTION);
  const [error, setError] = useState<string>();
  const change = (name: keyof AuditQuestion) => (event: { currentTarget: { value: string } }) =>
    setQuestion({ ...question, [name]: event.currentTarget.value });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const wrong = nikError(question, new Date());
    setError(wrong);
    if (wrong === undefined) onSearch(question);
    else document.getElementById("audit-nik")?.focus();
  };
  return (
    <form class="card form form-grid" noValidate role="search" onSubmit={submit}>
      <Field id="audit-nik" label={t("audit.nik")} error={error}>
        <input
          id="audit-nik"
          class="digits"
          type="text"
          inputMode="numeric"
          autocomplete="off"
          value={question.nik}
          aria-invalid={error !== undefined}
          aria-describedby={describedBy("audit-nik", { error })}
          onInput={change("nik")}
        />
      </Field>
      <Field id="audit-actor" label={t("audit.actor")}>
        <input
          id="audit-actor"
          type="text"
          autocomplete="off"
          spellcheck={false}
          value={question.actor}
          onInput={change("actor")}
        />
      </Field>
      <Field id="audit-action" label={t("audit.action")}>
        <select id="audit-action" value={question.action} onChange={change("action")}>
          <option value="">{t("audit.any")}</option>
          {Object.keys(AUDIT_ACTIONS).map((action) => <option key={action} value={action}>{action}</option>)}
        </select>
      </Field>
      <Field id="audit-since" label={t("audit.since")}>
        <input id="audit-since" type="datetime-local" value={question.since} onInput={change("since")} />
      </Field>
      <Field id="audit-until" label={t("audit.until")}>
        <input id="audit-until" type="datetime-local" value={question.until} onInput={change("until")} />
      </Field>
      <p class="actions">
        <button type="submit" class="button">{t("audit.search")}</button>
      </p>
    </form>
  );
}
