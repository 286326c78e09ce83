import { useEffect } from "preact/hooks";
import type { SystemState } from "../../../shared/http/schemas/system.ts";
import { dateTime, number, t } from "../texts/texts.ts";
import { useAnswer } from "../ui/answer.ts";
import { FailureNotice } from "../ui/failure_notice.tsx";
import { Attention, Check } from "../ui/icons.tsx";
import { Page } from "../ui/page.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { PartsTable } from "./system_parts.tsx";
import { attention, FIGURE_KEYS, type FigureKey } from "./system_words.ts";

/** How each part of the system is, looked at again every ten seconds while somebody looks. */
export function SystemPage() {
  const { answer, again } = useAnswer<SystemState>("/sistem");
  useEffect(() => {
    // A window that nobody sees asks nothing.
    const timer = setTimeout(() => document.hidden || again(), AGAIN_MS);
    return () => clearTimeout(timer);
  });
  return (
    <Page title={t("system.title")} lead={t("system.lead")}>
      {answer === undefined && (
        <div class="card">
          <Skeleton rows={9} />
        </div>
      )}
      {answer && answer.kind !== "ok" && <FailureNotice failure={answer} again={again} />}
      {answer?.kind === "ok" && <State state={answer.body} again={again} />}
    </Page>
  );
}

function State({ state: { parts, figures, asOf }, again }: { state: SystemState; again: () => void }) {
  const ill = parts.filter(({ state }) => state !== "ok");
  const wanting = attention(figures);
  const count = ill.length + wanting.length;
  return (
    <>
      <div role="status" class="said">
        {count === 0
          ? (
            <p class="notice notice-good">
              <Check /> {t("system.allGood")}
            </p>
          )
          : (
            <div class="notice notice-wrong">
              <p class="notice-title">
                <Attention /> {t("system.attention", { count })}
              </p>
              <ul>
                {ill.map(({ name, state }) => (
                  <li key={name}>
                    {t(`system.part.${name}`)}: {t(`system.state.${state}.remedy`)}
                  </li>
                ))}
                {wanting.map((key) => <li key={key}>{t(`system.${key}.remedy`)}</li>)}
              </ul>
            </div>
          )}
      </div>
      <dl class="totals figures">
        {FIGURE_KEYS.map((key) => <Figure key={key} name={key} figures={figures} />)}
      </dl>
      <section class="card" aria-labelledby="system-parts">
        <div class="card-head">
          <h2 id="system-parts">{t("system.parts")}</h2>
          <div class="card-tools">
            <span class="muted digits">{t("system.asOf", { time: dateTime(asOf) })}</span>
            <button type="button" class="button button-plain button-small" onClick={again}>
              {t("system.reload")}
            </button>
          </div>
        </div>
        <PartsTable parts={parts} />
      </section>
    </>
  );
}

function Figure({ name, figures }: { name: FigureKey; figures: SystemState["figures"] }) {
  const value = figures[name];
  const oldest = name === "outboxRows" && value !== undefined && value > 0
    ? figures.outboxOldestSeconds
    : undefined;
  return (
    <div class={attention(figures).some((key) => key === name) ? "figure-wrong" : undefined}>
      <dt>{t(`system.${name}`)}</dt>
      <dd>
        {value === undefined ? t("system.unknown") : number(value)}
        {oldest !== undefined && (
          <small class="figure-more">{t("system.oldest", { count: Math.round(oldest) })}</small>
        )}
        {name === "deadLetters" && value !== undefined && value > 0 && (
          <a class="figure-more" href="#/surat-gagal">{t("system.toLetters")}</a>
        )}
      </dd>
    </div>
  );
}

const AGAIN_MS = 10_000;
