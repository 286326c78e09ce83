import type { SystemState } from "../../../shared/http/schemas/system.ts";
import { t } from "../texts/texts.ts";
import { Attention, Check, Cross } from "../ui/icons.tsx";
import { dependencyName } from "./system_words.ts";

/** Each part: what it does, how it is, and which of the things it stands on do not answer. */
export function PartsTable({ parts }: Pick<SystemState, "parts">) {
  return (
    <table class="table table-stacked">
      <thead>
        <tr>
          <th scope="col">{t("system.part")}</th>
          <th scope="col">{t("system.state")}</th>
          <th scope="col">{t("system.on")}</th>
        </tr>
      </thead>
      <tbody>
        {parts.map(({ name, state, breaker, dependencies }) => (
          <tr key={name}>
            <td>
              <strong>{t(`system.part.${name}`)}</strong>
              <span class="cause-remedy">{t(`system.part.${name}.job`)}</span>
            </td>
            <td>
              <StateBadge state={state} />
              {breaker !== undefined && breaker !== "closed" && (
                <span class="reason">{t(`system.breaker.${breaker}`)}</span>
              )}
            </td>
            <td>
              {dependencies.length === 0 ? t("system.unknown") : (
                <ul class="chips">
                  {dependencies.map(({ name, state }) => (
                    <li key={name} class={state === "ok" ? "badge" : "badge badge-wrong"}>
                      {state === "ok" ? <Check /> : <Cross />}
                      {wordsFor(name)}
                      <span class="visually-hidden">: {t(`system.state.${state}`)}</span>
                    </li>
                  ))}
                </ul>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function StateBadge({ state }: { state: SystemState["parts"][number]["state"] }) {
  return (
    <span class={state === "ok" ? "badge badge-good" : "badge badge-wrong"}>
      {state === "ok" ? <Check /> : <Attention />} {t(`system.state.${state}`)}
    </span>
  );
}

function wordsFor(name: string): string {
  const key = dependencyName(name);
  return key === undefined ? name : t(key);
}
