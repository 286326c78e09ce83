import { useState } from "preact/hooks";
import type { OfficerList } from "../../../shared/http/schemas/officers.ts";
import { ask, type Failure } from "../api/client.ts";
import { t, type TextKey } from "../texts/texts.ts";
import { useAnswer } from "../ui/answer.ts";
import { Confirm } from "../ui/confirm.tsx";
import { FailureNotice } from "../ui/failure_notice.tsx";
import { Check } from "../ui/icons.tsx";
import { Page } from "../ui/page.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { NumberDialog } from "./number_dialog.tsx";
import { type OfficerAction, OfficersTable } from "./officers_table.tsx";

/** Who gets the SMS of each province, and what changes it. */
export function OfficersPage() {
  const { answer, again } = useAnswer<OfficerList>("/petugas");
  const [action, setAction] = useState<OfficerAction>();
  const [failure, setFailure] = useState<Failure>();
  const [said, setSaid] = useState<TextKey>();

  const done = (key: TextKey) => {
    setAction(undefined);
    setFailure(undefined);
    setSaid(key);
    again();
  };
  const remove = async ({ kode, officer }: OfficerAction) => {
    setAction(undefined);
    const removed = await ask(`/petugas/${kode}/${officer?.id}`, { method: "DELETE" });
    if (removed.kind === "ok") return done("officers.removed");
    setSaid(undefined);
    setFailure(removed);
  };

  return (
    <Page title={t("officers.title")} lead={t("officers.lead")}>
      <div role="status" class="said">
        {said && (
          <p class="notice notice-good">
            <Check /> {t(said)}
          </p>
        )}
      </div>
      {failure && <FailureNotice failure={failure} again={again} />}
      {answer === undefined && (
        <div class="card">
          <Skeleton rows={12} />
        </div>
      )}
      {answer && answer.kind !== "ok" && <FailureNotice failure={answer} again={again} />}
      {answer?.kind === "ok" && <OfficersTable provinces={answer.body} onAction={setAction} />}
      {action && action.kind !== "remove" && (
        <NumberDialog
          action={action}
          onDone={() => done(action.kind === "add" ? "officers.added" : "officers.changed")}
          onClose={() => setAction(undefined)}
        />
      )}
      {action?.kind === "remove" && (
        <Confirm
          title={t("officers.remove.title", { province: action.provinsi })}
          yes={t("officers.remove")}
          onYes={() => void remove(action)}
          onNo={() => setAction(undefined)}
        >
          <p>{t("officers.remove.detail", { number: action.officer?.telepon ?? "" })}</p>
        </Confirm>
      )}
    </Page>
  );
}
