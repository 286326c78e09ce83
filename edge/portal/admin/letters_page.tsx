import { useEffect, useState } from "preact/hooks";
import type { LettersPage as Found, ReplayAnswer } from "../../../shared/http/schemas/dead_letters.ts";
import { ask, type Failure } from "../api/client.ts";
import { t } from "../texts/texts.ts";
import { Confirm } from "../ui/confirm.tsx";
import { FailureNotice } from "../ui/failure_notice.tsx";
import { Check } from "../ui/icons.tsx";
import { Page } from "../ui/page.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { causeOf } from "./letter_causes.ts";
import { CausesTable, type Chosen, groupName, LettersTable } from "./letters_tables.tsx";

/** Events and SMS that nobody could deal with, and the way to have them tried again. */
export function LettersPage() {
  const [found, setFound] = useState<Found>();
  const [failure, setFailure] = useState<Failure>();
  const [chosen, setChosen] = useState<Chosen>();
  const [sending, setSending] = useState(false);
  const [done, setDone] = useState<ReplayAnswer>();

  const load = async (before?: string) => {
    setFailure(undefined);
    const page = await ask<Found>(before === undefined ? LIST : `${LIST}&before=${before}`);
    if (page.kind !== "ok") return setFailure(page);
    setFound((known) =>
      before === undefined || !known
        ? page.body
        : { ...page.body, letters: [...known.letters, ...page.body.letters] }
    );
  };
  const replay = async ({ wanted }: Chosen) => {
    setChosen(undefined);
    setDone(undefined);
    setFailure(undefined);
    setSending(true);
    const answer = await ask<ReplayAnswer>("/surat-gagal/kirim-ulang", { method: "POST", body: wanted });
    setSending(false);
    if (answer.kind !== "ok") return setFailure(answer);
    setDone(answer.body);
    await load();
  };
  useEffect(() => void load(), []);

  return (
    <Page title={t("letters.title")} lead={t("letters.lead")}>
      <div role="status" class="said">
        {sending && <p class="notice">{t("letters.sending")}</p>}
        {done && (
          <p class="notice notice-good">
            <Check /> {t("letters.done", { count: done.replayed })}{" "}
            {done.left > 0 && t("letters.left", { count: done.left })}
          </p>
        )}
      </div>
      {failure && <FailureNotice failure={failure} again={() => void load()} />}
      {!found && !failure && (
        <div class="card">
          <Skeleton rows={8} />
        </div>
      )}
      {found?.open === 0 && !failure && <p class="notice">{t("letters.empty")}</p>}
      {found && found.open > 0 && (
        <>
          <CausesTable found={found} busy={sending} onReplay={setChosen} />
          <LettersTable
            found={found}
            busy={sending}
            onReplay={setChosen}
            onMore={(before) => void load(before)}
            onReload={() => void load()}
          />
        </>
      )}
      {chosen && (
        <Confirm
          title={t("letters.confirm", { count: chosen.count })}
          yes={t("letters.replay")}
          onYes={() => void replay(chosen)}
          onNo={() => setChosen(undefined)}
        >
          <p>{t("letters.confirm.group", { group: groupName(chosen.group) })}</p>
          <p class="muted">{t(causeOf(chosen.code).remedy)}</p>
        </Confirm>
      )}
    </Page>
  );
}

const LIST = "/surat-gagal?limit=50";
