import { sentence } from "../texts/sentences.ts";
import { t, type TextKey } from "../texts/texts.ts";
import { Attention } from "../ui/icons.tsx";
import { type Field, type FieldErrors, FIELDS } from "./registration.ts";

/** All that is wrong in one place, each a way to its field. */
export function ErrorSummary({ errors }: { errors: FieldErrors }) {
  const wrong = FIELDS.flatMap((field) =>
    errors[field] === undefined ? [] : [{ field, error: errors[field] }]
  );
  if (wrong.length === 0) return null;
  return (
    <div class="notice notice-wrong" role="alert">
      <p class="notice-title">
        <Attention /> {t("register.errors", { count: wrong.length })}
      </p>
      <ul>
        {wrong.map(({ field, error }) => (
          <li key={field}>
            <a
              href={`#${field}`}
              onClick={(event) => {
                event.preventDefault();
                document.getElementById(field)?.focus();
              }}
            >
              {t(LABELS[field])}: {sentence(error)}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

export const LABELS = {
  nik: "register.nik",
  nama: "register.nama",
  alamat: "register.alamat",
  provinsi: "register.provinsi",
} as const satisfies Record<Field, TextKey>;
