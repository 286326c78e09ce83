import { useEffect, useRef, useState } from "preact/hooks";
import { parseTelepon } from "../../../shared/ports/sms.ts";
import { ask, type Failure } from "../api/client.ts";
import { t } from "../texts/texts.ts";
import { FailureNotice } from "../ui/failure_notice.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import type { OfficerAction } from "./officers_table.tsx";

/** Asks for a telephone number and stores it; what is wrong with it stands at its field. */
export function NumberDialog({ action, onDone, onClose }: NumberDialogProps) {
  const { kind, kode, provinsi, officer } = action;
  const dialog = useRef<HTMLDialogElement>(null);
  const [number, setNumber] = useState("");
  const [error, setError] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  const [sending, setSending] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);

  const refuse = (detail: string) => {
    setError(detail);
    document.getElementById(FIELD)?.focus();
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const telepon = parseTelepon(number);
    if (telepon === undefined) return refuse(t("officers.invalid"));
    setError(undefined);
    setSending(true);
    const answer = officer
      ? await ask(`/petugas/${kode}/${officer.id}`, { method: "PUT", body: { telepon } })
      : await ask(`/petugas/${kode}`, { method: "POST", body: { telepon } });
    setSending(false);
    if (answer.kind === "ok") return finish(onDone);
    const atField = answer.kind === "problem" ? answer.problem.errors?.[0]?.detail : undefined;
    if (atField !== undefined) refuse(atField);
    else setFailure(answer);
  };
  /** Closed first, so that the focus is back where it was. */
  const finish = (then: () => void) => {
    dialog.current?.close();
    then();
  };

  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="number-title" onClose={onClose}>
      <form noValidate onSubmit={(event) => void submit(event)}>
        <h2 id="number-title">{t(`officers.${kind}.title`, { province: provinsi })}</h2>
        <Field id={FIELD} label={t("officers.number")} hint={t("officers.hint")} error={error}>
          <input
            id={FIELD}
            class="digits"
            type="tel"
            inputMode="tel"
            autocomplete="off"
            value={number}
            aria-invalid={error !== undefined}
            aria-describedby={describedBy(FIELD, { hint: "", error })}
            onInput={(event) => setNumber(event.currentTarget.value)}
          />
        </Field>
        {failure && <FailureNotice failure={failure} />}
        <div class="actions">
          <button type="submit" class="button" disabled={sending}>{t("officers.save")}</button>
          <button type="button" class="button button-plain" onClick={() => finish(onClose)}>
            {t("confirm.no")}
          </button>
        </div>
      </form>
    </dialog>
  );
}

const FIELD = "officer-number";

interface NumberDialogProps {
  readonly action: OfficerAction;
  /** Told when it is stored. */
  readonly onDone: () => void;
  readonly onClose: () => void;
}
