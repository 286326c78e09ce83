import { t } from "../texts/texts.ts";
import { FailureNotice } from "../ui/failure_notice.tsx";
import { Clock, Cross } from "../ui/icons.tsx";
import type { Desk } from "./desk.ts";
import type { QueueItem } from "./queue.ts";

/** What has not been answered yet, and what was refused and waits for the officer. */
export function QueuePanel({ desk, onEdit }: { desk: Desk; onEdit: (item: QueueItem) => void }) {
  const items = desk.items.value;
  const waiting = items.filter(({ state }) => state !== "refused").length;
  if (items.length === 0) return null;
  return (
    <section class="card" aria-labelledby="queue">
      <div class="card-head">
        <h2 id="queue">{t("queue.title")}</h2>
        <p class="muted" role="status">{t("queue.waiting", { count: waiting })}</p>
      </div>
      <ul class="list">
        {items.map((item) => <Waiting key={item.key} item={item} desk={desk} onEdit={onEdit} />)}
      </ul>
      {waiting > 0 && (
        <button type="button" class="button button-plain" onClick={() => void desk.send()}>
          {t("queue.retry")}
        </button>
      )}
    </section>
  );
}

function Waiting({ item, desk, onEdit }: { item: QueueItem; desk: Desk; onEdit: (item: QueueItem) => void }) {
  const { state, input, failure } = item;
  return (
    <li>
      <div class="list-row">
        <span class="list-name">{input.nama}</span>
        <span class={state === "refused" ? "badge badge-wrong" : "badge"}>
          {state === "refused" ? <Cross /> : <Clock />} {t(
            state === "refused"
              ? "queue.refused"
              : state === "sending"
              ? "queue.sending"
              : "queue.state.waiting",
          )}
        </span>
      </div>
      {failure && failure.kind !== "offline" && <FailureNotice failure={failure} />}
      {state === "refused" && (
        <p class="actions">
          <button
            type="button"
            class="button button-plain"
            onClick={() => onEdit(item)}
          >
            {t("queue.edit")}
          </button>
          <button type="button" class="button button-plain" onClick={() => void desk.queue.remove(item.key)}>
            {t("queue.remove")}
          </button>
        </p>
      )}
    </li>
  );
}
