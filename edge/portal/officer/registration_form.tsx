import { useEffect, useRef, useState } from "preact/hooks";
import type { Failure } from "../api/client.ts";
import { t } from "../texts/texts.ts";
import { FailureNotice } from "../ui/failure_notice.tsx";
import { describedBy, Field as Labelled } from "../ui/field.tsx";
import { ErrorSummary, LABELS } from "./error_summary.tsx";
import { ProvinsiCombobox } from "./provinsi_combobox.tsx";
import type { RegistrationInput } from "./queue.ts";
import {
  check,
  checkField,
  checkNikSoFar,
  type Field,
  type FieldErrors,
  FIELDS,
  withoutSeparators,
} from "./registration.ts";

/** Says what is wrong as soon as it is sure: while a NIK is typed, when a field is left, and all of it at the end. */
export function RegistrationForm({ input, onInput, onSubmit, onClear, refused }: FormProps) {
  const [left, setLeft] = useState<ReadonlySet<Field>>(new Set());
  const [tried, setTried] = useState<FieldErrors>({});
  const [sending, setSending] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const errors = { ...soFar(input, left), ...told(refused, input) };
  useEffect(() => focusFirstWrong(form.current, told(refused, input)), [refused]);

  const change = (field: Field) => (text: string) => {
    setTried({});
    onInput({ ...input, [field]: field === "nik" ? withoutSeparators(text) : text });
  };
  const leave = (field: Field) => () => {
    if (input[field] !== "") setLeft(new Set([...left, field]));
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (sending) return;
    const wrong = check(input, new Date());
    setLeft(new Set(FIELDS));
    setTried(wrong);
    if (Object.keys(wrong).length > 0) return focusFirstWrong(form.current, wrong);
    setSending(true);
    const over = await onSubmit().finally(() => setSending(false));
    if (over) setLeft(new Set());
  };
  const control = (field: Field, hint: string | undefined, more = "") => ({
    id: field,
    name: field,
    value: input[field],
    // What is typed while the answer is on its way would be gone with it.
    readOnly: sending,
    onBlur: leave(field),
    "aria-invalid": errors[field] !== undefined,
    "aria-required": true,
    "aria-describedby": describedBy(field, { hint, error: errors[field] }, more),
  });

  return (
    <form class="card form" noValidate ref={form} onSubmit={(event) => void submit(event)}>
      <ErrorSummary errors={tried} />
      {refused && Object.keys(told(refused, input)).length === 0 && <FailureNotice failure={refused} />}
      <Labelled id="nik" label={t(LABELS.nik)} hint={t("register.nik.hint")} error={errors.nik}>
        <input
          {...control("nik", "yes", "nik-count")}
          class="digits input-nik"
          type="text"
          inputMode="numeric"
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => change("nik")(event.currentTarget.value)}
        />
        <span class="hint" id="nik-count">{t("register.nik.count", { count: input.nik.length })}</span>
      </Labelled>
      <Labelled id="nama" label={t(LABELS.nama)} hint={t("register.nama.hint")} error={errors.nama}>
        <input
          {...control("nama", "yes")}
          type="text"
          autocomplete="off"
          spellcheck={false}
          autocapitalize="words"
          onInput={(event) => change("nama")(event.currentTarget.value)}
        />
      </Labelled>
      <Labelled id="alamat" label={t(LABELS.alamat)} hint={t("register.alamat.hint")} error={errors.alamat}>
        <input
          {...control("alamat", "yes")}
          type="text"
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => change("alamat")(event.currentTarget.value)}
        />
      </Labelled>
      <Labelled
        id="provinsi"
        label={t(LABELS.provinsi)}
        hint={t("register.provinsi.hint")}
        error={errors.provinsi}
      >
        <ProvinsiCombobox
          id="provinsi"
          value={input.provinsi}
          onChange={change("provinsi")}
          onLeave={leave("provinsi")}
          wrong={errors.provinsi !== undefined}
          readOnly={sending}
          describedBy={describedBy("provinsi", { hint: "yes", error: errors.provinsi })}
        />
      </Labelled>
      <p class="actions">
        <button type="submit" class="button" aria-disabled={sending}>
          {t(sending ? "register.sending" : "register.submit")}
        </button>
        <button type="button" class="button button-plain" onClick={onClear}>{t("register.clear")}</button>
      </p>
      <p class="note">{t("register.draft")}</p>
    </form>
  );
}

interface FormProps {
  readonly input: RegistrationInput;
  readonly onInput: (input: RegistrationInput) => void;
  /** Whether the form begins anew. */
  readonly onSubmit: () => Promise<boolean>;
  readonly onClear: () => void;
  /** The service's refusal of what was sent last. */
  readonly refused: Refusal | undefined;
}

export type Refusal = Extract<Failure, { kind: "problem" }> & { readonly of: RegistrationInput };

function soFar(input: RegistrationInput, left: ReadonlySet<Field>): FieldErrors {
  const errors: Partial<Record<Field, string>> = {};
  for (const field of FIELDS) {
    const early = field === "nik" ? checkNikSoFar(input.nik, new Date()) : undefined;
    const detail = early ?? (left.has(field) ? checkWhole(field, input) : undefined);
    if (detail !== undefined) errors[field] = detail;
  }
  return errors;
}

function checkWhole(field: Field, input: RegistrationInput): string | undefined {
  return input[field] === "" ? "Wajib diisi" : checkField(field, input[field], new Date());
}

/** What the service said of a field, until the field is changed. */
function told(refused: Refusal | undefined, input: RegistrationInput): FieldErrors {
  if (refused === undefined) return {};
  const { problem, of } = refused;
  const said = problem.code === "NIK_REGISTERED"
    ? [{ field: "nik", detail: problem.detail }]
    : problem.errors ?? [];
  const errors = said.flatMap(({ field, detail }) => {
    const known = FIELDS.find((name) => name === field);
    return known && of[known] === input[known] ? [[known, detail] as const] : [];
  });
  return Object.fromEntries(errors);
}

function focusFirstWrong(form: HTMLFormElement | null, errors: FieldErrors): void {
  const first = FIELDS.find((field) => errors[field] !== undefined);
  if (first !== undefined) form?.querySelector<HTMLInputElement>(`#${first}`)?.focus();
}
