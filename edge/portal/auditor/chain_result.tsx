import type { ChainState } from "../../../shared/http/schemas/audit_chain.ts";
import { dateTime, number, t } from "../texts/texts.ts";
import { Attention, Check, Clock } from "../ui/icons.tsx";
import { findingText } from "./finding_text.ts";

/** What the last verification came to, in one sentence and its particulars. */
export function ChainResult({ latest, running }: { latest: ChainState["latest"]; running: boolean }) {
  return (
    <>
      <div role="status">
        <Verdict latest={latest} running={running} />
      </div>
      {latest && (
        <dl class="facts">
          <dt>{t("chain.lines")}</dt>
          <dd class="digits">{number(latest.lines)}</dd>
          <dt>{t("chain.until")}</dt>
          <dd class="digits">{latest.until === null ? t("chain.until.none") : dateTime(latest.until)}</dd>
          <dt>{t("chain.at")}</dt>
          <dd class="digits">{dateTime(latest.at)}</dd>
          <dt>{t("chain.by")}</dt>
          <dd class="id">{latest.actor}</dd>
        </dl>
      )}
    </>
  );
}

function Verdict({ latest, running }: { latest: ChainState["latest"]; running: boolean }) {
  if (latest && latest.findings.length > 0) {
    return (
      <div class="notice notice-wrong">
        <p class="notice-title">
          <Attention /> {t("chain.broken", { count: latest.findings.length })}
        </p>
        <p>{t("chain.broken.remedy")}</p>
      </div>
    );
  }
  if (running) {
    return (
      <p class="notice">
        <span>
          <Clock /> {t("chain.running", { count: latest && !latest.complete ? latest.lines : 0 })}
        </span>
      </p>
    );
  }
  if (!latest) return <p class="notice">{t("chain.never")}</p>;
  if (!latest.complete) return <p class="notice">{t("chain.partly")}</p>;
  return (
    <p class="notice notice-good">
      <Check /> {t("chain.whole")}
    </p>
  );
}

/** Where the chains are broken: by line, as an operator finds it. */
export function Findings({ findings }: { findings: NonNullable<ChainState["latest"]>["findings"] }) {
  return (
    <section class="card" aria-labelledby="chain-findings">
      <h2 id="chain-findings">{t("chain.findings")}</h2>
      <table class="table table-stacked">
        <thead>
          <tr>
            <th scope="col">{t("chain.what")}</th>
            <th scope="col">{t("chain.writer")}</th>
            <th scope="col" class="number">{t("chain.seq")}</th>
            <th scope="col">{t("chain.place")}</th>
          </tr>
        </thead>
        <tbody>
          {findings.map(({ what, place, writer, seq }) => (
            <tr key={`${place} ${what}`}>
              <td>{findingText(what)}</td>
              <td class="id">{writer ?? "–"}</td>
              <td class="number">
                <span class="stacked-label">{t("chain.seq")}</span> {seq === undefined ? "–" : number(seq)}
              </td>
              <td class="id">{place}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
