import { useEffect, useState } from "preact/hooks";
import { parseKodeProvinsi, provinsi } from "../../../shared/penduduk/provinsi.ts";
import type { Person } from "../session/person.ts";
import { t } from "../texts/texts.ts";
import { Check } from "../ui/icons.tsx";
import { Page } from "../ui/page.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import type { Desk } from "./desk.ts";
import { NikFacts } from "./nik_facts.tsx";
import type { QueueItem, RegistrationInput } from "./queue.ts";
import { QueuePanel } from "./queue_panel.tsx";
import { Receipt, type Receipted } from "./receipt.tsx";
import { EMPTY } from "./registration.ts";
import { type Refusal, RegistrationForm } from "./registration_form.tsx";
import { TodayList } from "./today_list.tsx";

export function RegistrationPage({ desk }: { desk: Desk }) {
  const [input, setInput] = useDraft(desk);
  const [refused, setRefused] = useState<Refusal>();
  const [shown, setShown] = useState<Shown>({ kind: "form" });

  const begin = (next: RegistrationInput = blank(desk.person)) => {
    setRefused(undefined);
    setShown({ kind: "form" });
    setInput(next);
    requestAnimationFrame(() => document.getElementById("nik")?.focus());
  };
  const submit = async () => {
    const of = input ?? EMPTY;
    setShown({ kind: "form" });
    const outcome = await desk.register(of);
    if (outcome.kind === "refused" && outcome.failure.kind === "problem") {
      setRefused({ ...outcome.failure, of });
      return false;
    }
    begin();
    setShown(
      outcome.kind === "taken" ? { kind: "receipt", taken: outcome.taken, fresh: true } : { kind: "queued" },
    );
    return true;
  };
  const edit = async ({ key, input }: QueueItem) => {
    await desk.queue.remove(key);
    begin(input);
  };

  return (
    <Page title={t("register.title")} lead={t("register.lead")}>
      <div class="columns">
        <div>
          {shown.kind === "queued" && (
            <p class="notice notice-good" role="status">
              <Check /> {t("register.queued")}
            </p>
          )}
          {shown.kind === "receipt"
            ? <Receipt taken={shown.taken} fresh={shown.fresh} onNext={() => begin()} />
            : input === undefined
            ? (
              <div class="card form">
                <Skeleton rows={8} />
              </div>
            )
            : (
              <RegistrationForm
                input={input}
                onInput={setInput}
                onSubmit={submit}
                onClear={() => begin()}
                refused={refused}
              />
            )}
        </div>
        <div class="side">
          {shown.kind !== "receipt" && (
            <NikFacts nik={input?.nik ?? ""} registeredIn={input?.provinsi ?? ""} />
          )}
          <QueuePanel desk={desk} onEdit={(item) => void edit(item)} />
          <TodayList
            today={desk.today}
            onShow={(taken) => setShown({ kind: "receipt", taken, fresh: false })}
          />
        </div>
      </div>
    </Page>
  );
}

type Shown =
  | { readonly kind: "form" }
  | { readonly kind: "queued" }
  | { readonly kind: "receipt"; readonly taken: Receipted; readonly fresh: boolean };

/** The form's content; undefined until the draft was read. Kept a moment after each change. */
function useDraft(desk: Desk) {
  const [input, setInput] = useState<RegistrationInput>();
  useEffect(() => {
    void desk.readDraft().then((draft) => setInput(draft ?? blank(desk.person)));
  }, [desk]);
  useEffect(() => {
    if (input === undefined) return;
    const empty = input.nik + input.nama + input.alamat === "";
    const timer = setTimeout(() => void desk.keepDraft(empty ? undefined : input), KEEP_AFTER_MS);
    return () => clearTimeout(timer);
  }, [input]);
  return [input, setInput] as const;
}

const KEEP_AFTER_MS = 250;

/** An officer of one province registers in no other. */
function blank(person: Person): RegistrationInput {
  const kode = parseKodeProvinsi(person.provinsi ?? "");
  return kode ? { ...EMPTY, provinsi: provinsi(kode).nama } : EMPTY;
}
