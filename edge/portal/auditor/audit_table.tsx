import type { AuditPage } from "../../../shared/http/schemas/audit.ts";
import { dateTime, t } from "../texts/texts.ts";

export type Entry = AuditPage["entries"][number];

export function AuditTable({ entries }: { entries: readonly Entry[] }) {
  return (
    <table class="table table-stacked audit-table">
      <thead>
        <tr>
          <th scope="col">{t("audit.time")}</th>
          <th scope="col">{t("audit.action")}</th>
          <th scope="col">{t("audit.who")}</th>
          <th scope="col">{t("audit.outcome")}</th>
          <th scope="col">{t("audit.record")}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id}>
            <td class="digits">{dateTime(entry.time)}</td>
            <td>
              <code>{entry.action}</code> <span class="muted">{entry.service}</span>
            </td>
            <td>
              <code class="id">{entry.actor.id ?? t("audit.anonymous")}</code>{" "}
              <span class="muted">{entry.actor.roles?.join(", ")}</span>
            </td>
            <td>
              <span class={entry.outcome === "success" ? "badge badge-good" : "badge badge-wrong"}>
                {t(`audit.outcome.${entry.outcome}`)}
              </span>
              {entry.reason !== undefined && <code class="reason">{entry.reason}</code>}
            </td>
            <td>{entry.record !== undefined && <code class="id">{entry.record}</code>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function csvRows(entries: readonly Entry[]): readonly (readonly (string | number)[])[] {
  const head = [
    "id",
    "time",
    "service",
    "action",
    "outcome",
    "reason",
    "actor",
    "roles",
    "address",
    "record",
    "trace",
    "count",
  ];
  return [
    head,
    ...entries.map((entry) => [
      ...[entry.id, entry.time, entry.service, entry.action, entry.outcome, entry.reason ?? ""],
      ...[entry.actor.id ?? entry.actor.kind, entry.actor.roles?.join(" ") ?? "", entry.clientAddress ?? ""],
      ...[entry.record ?? "", entry.traceId ?? "", entry.count ?? 1],
    ]),
  ];
}
