import type { SmsEntry } from "../../../shared/http/schemas/sms.ts";
import { dateTime, number, t } from "../texts/texts.ts";
import { useAnswer } from "../ui/answer.ts";
import { FailureNotice } from "../ui/failure_notice.tsx";
import { Page } from "../ui/page.tsx";
import { Skeleton } from "../ui/skeleton.tsx";

const SHOWN = 200;
const STATES = ["sent", "claimed", "refused", "parked"] as const;

export function SmsPage() {
  const { answer, again } = useAnswer<readonly SmsEntry[]>(`/sms?limit=${SHOWN}`);
  return (
    <Page title={t("sms.title")} lead={t("sms.lead", { count: SHOWN })}>
      {answer === undefined && (
        <div class="card">
          <Skeleton rows={10} />
        </div>
      )}
      {answer && answer.kind !== "ok" && <FailureNotice failure={answer} again={again} />}
      {answer?.kind === "ok" && <Messages messages={answer.body} again={again} />}
    </Page>
  );
}

function Messages({ messages, again }: { messages: readonly SmsEntry[]; again: () => void }) {
  return (
    <section class="card" aria-label={t("sms.title")}>
      <div class="card-head">
        <dl class="states">
          {STATES.map((state) => (
            <div key={state}>
              <dt>{t(`sms.state.${state}`)}</dt>
              <dd class="digits">{number(messages.filter((message) => message.state === state).length)}</dd>
            </div>
          ))}
        </dl>
        <button type="button" class="button button-plain button-small" onClick={again}>
          {t("sms.reload")}
        </button>
      </div>
      {messages.length === 0 ? <p class="muted">{t("sms.empty")}</p> : (
        <table class="table table-stacked">
          <thead>
            <tr>
              <th scope="col">{t("sms.time")}</th>
              <th scope="col">{t("sms.body")}</th>
              <th scope="col">{t("sms.to")}</th>
              <th scope="col">{t("sms.state")}</th>
            </tr>
          </thead>
          <tbody>
            {messages.map((message) => (
              <tr key={message.id}>
                <td class="digits">{dateTime(message.createdAt)}</td>
                <td>{message.body}</td>
                <td class="digits">{message.to}</td>
                <td>
                  <span class={message.state === "sent" ? "badge badge-good" : "badge badge-wrong"}>
                    {t(`sms.state.${message.state}`)}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
