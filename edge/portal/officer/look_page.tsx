import { useEffect, useState } from "preact/hooks";
import type { Penduduk } from "../../../shared/penduduk/penduduk.ts";
import { ask, type Outcome } from "../api/client.ts";
import { t } from "../texts/texts.ts";
import { FailureNotice } from "../ui/failure_notice.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { Page } from "../ui/page.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { Receipt } from "./receipt.tsx";

/** A registration by its tracking code, typed or from the address in its QR code. */
export function LookPage({ id }: { id: string | undefined }) {
  const [text, setText] = useState(id ?? "");
  const [wrong, setWrong] = useState(false);
  const [outcome, setOutcome] = useState<Outcome<Penduduk> | "asking">();
  const find = async (code: string) => {
    const found = toUuid(code);
    setWrong(found === undefined);
    if (found === undefined) return setOutcome(undefined);
    setOutcome("asking");
    setOutcome(await ask<Penduduk>(`/penduduk/${found}`));
  };
  useEffect(() => {
    if (id !== undefined) void find(id);
  }, [id]);
  const error = wrong ? t("look.invalid") : undefined;
  return (
    <Page title={t("look.title")} lead={t("look.lead")}>
      <div class="narrow">
        <form
          class="card form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void find(text);
          }}
        >
          <Field id="code" label={t("look.code")} error={error}>
            <input
              id="code"
              class="code"
              type="text"
              autocomplete="off"
              spellcheck={false}
              value={text}
              aria-invalid={wrong}
              aria-describedby={describedBy("code", { error })}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </Field>
          <p class="actions">
            <button type="submit" class="button">{t("look.find")}</button>
          </p>
        </form>
        {outcome === "asking" && (
          <div class="card">
            <Skeleton rows={5} />
          </div>
        )}
        {outcome !== undefined && outcome !== "asking" &&
          (outcome.kind === "ok"
            ? <Receipt taken={outcome.body} />
            : <FailureNotice failure={outcome} again={() => void find(text)} />)}
      </div>
    </Page>
  );
}

function toUuid(text: string): string | undefined {
  const digits = text.trim().toLowerCase().replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/.test(digits)) return undefined;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
