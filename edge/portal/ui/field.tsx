import type { ComponentChildren } from "preact";
import { sentence } from "../texts/sentences.ts";
import { Cross } from "./icons.tsx";

/** A label, what helps to fill it in, what is wrong, and the control; `describedBy` is for the control. */
export function Field({ id, label, hint, error, children }: FieldProps) {
  return (
    <div class={error === undefined ? "field" : "field field-wrong"}>
      <label for={id}>{label}</label>
      {hint !== undefined && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {error !== undefined && (
        <p class="field-error" id={`${id}-error`}>
          <Cross /> {sentence(error)}
        </p>
      )}
      {children}
    </div>
  );
}

export function describedBy(id: string, { hint, error }: Pick<FieldProps, "hint" | "error">, more = "") {
  const ids = [hint === undefined ? "" : `${id}-hint`, error === undefined ? "" : `${id}-error`, more];
  return ids.filter(Boolean).join(" ") || undefined;
}

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly hint?: string | undefined;
  /** In Indonesian, as the shared rules say it. */
  readonly error?: string | undefined;
  readonly children: ComponentChildren;
}
