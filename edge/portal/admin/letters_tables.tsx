import type { LettersPage } from "../../../shared/http/schemas/dead_letters.ts";
import { dateTime, number, t } from "../texts/texts.ts";
import { causeOf } from "./letter_causes.ts";

/** All open letters by what failed, each kind with the way to replay it. */
export function CausesTable({ found, busy, onReplay }: CausesProps) {
  return (
    <section class="card" aria-labelledby="letters-causes">
      <h2 id="letters-causes">{t("letters.causes", { count: found.open })}</h2>
      <table class="table table-stacked">
        <thead>
          <tr>
            <th scope="col">{t("letters.cause")}</th>
            <th scope="col">{t("letters.group")}</th>
            <th scope="col" class="number">{t("letters.count")}</th>
            <th scope="col">
              <span class="visually-hidden">{t("letters.replay")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {found.causes.map(({ group, code, count }) => (
            <tr key={`${group} ${code}`}>
              <td>
                <strong>{t(causeOf(code).what)}</strong>
                <span class="cause-remedy">{t(causeOf(code).remedy)}</span>
                <code class="cause-code">{code}</code>
              </td>
              <td>{groupName(group)}</td>
              <td class="number">
                <span class="stacked-label">{t("letters.count")}</span> {number(count)}
              </td>
              <td class="row-action">
                <button
                  type="button"
                  class="button button-small"
                  disabled={busy}
                  aria-label={t("letters.replay.these", { code, group: groupName(group) })}
                  onClick={() => onReplay({ group, code, count, wanted: { group, code } })}
                >
                  {t("letters.replay")}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The letters one by one, the newest first. */
export function LettersTable({ found, busy, onReplay, onMore, onReload }: LettersProps) {
  const { letters, next } = found;
  return (
    <section class="card" aria-labelledby="letters-each">
      <div class="card-head">
        <h2 id="letters-each">{t("letters.each")}</h2>
        <button type="button" class="button button-plain button-small" onClick={onReload}>
          {t("letters.reload")}
        </button>
      </div>
      <table class="table table-stacked">
        <thead>
          <tr>
            <th scope="col">{t("letters.since")}</th>
            <th scope="col">{t("letters.cause")}</th>
            <th scope="col">{t("letters.id")}</th>
            <th scope="col" class="number">{t("letters.attempts")}</th>
            <th scope="col">
              <span class="visually-hidden">{t("letters.replay")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {letters.map(({ id, group, code, attempts, firstFailedAt, traceId }) => (
            <tr key={id}>
              <td class="digits">{dateTime(firstFailedAt)}</td>
              <td>
                {groupName(group)} <code class="cause-code">{code}</code>
              </td>
              <td>
                <code>{id}</code>
                {traceId !== undefined && (
                  <span class="trace">
                    {t("letters.trace")} <code>{traceId}</code>
                  </span>
                )}
              </td>
              <td class="number">
                <span class="stacked-label">{t("letters.attempts")}</span> {number(attempts)}
              </td>
              <td class="row-action">
                <button
                  type="button"
                  class="button button-plain button-small"
                  disabled={busy}
                  aria-label={t("letters.replay.one", { id })}
                  onClick={() => onReplay({ group, code, count: 1, wanted: { ids: [id] } })}
                >
                  {t("letters.replay")}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {next !== null && (
        <button type="button" class="button button-plain" onClick={() => onMore(next)}>
          {t("letters.more")}
        </button>
      )}
    </section>
  );
}

export function groupName(group: LettersPage["causes"][number]["group"]): string {
  return t(`letters.group.${group}`);
}

/** What somebody wants to replay. */
export interface Chosen {
  readonly group: LettersPage["causes"][number]["group"];
  readonly code: string;
  readonly count: number;
  /** As `POST /surat-gagal/kirim-ulang` takes it. */
  readonly wanted: Readonly<Record<string, unknown>>;
}

interface CausesProps {
  readonly found: LettersPage;
  /** While a replay is under way. */
  readonly busy: boolean;
  readonly onReplay: (chosen: Chosen) => void;
}

interface LettersProps extends CausesProps {
  readonly onMore: (before: string) => void;
  readonly onReload: () => void;
}
