import type { OfficerAnswer, OfficerList } from "../../../shared/http/schemas/officers.ts";
import { t } from "../texts/texts.ts";

export function OfficersTable({ provinces, onAction }: OfficersTableProps) {
  const without = provinces.filter(({ petugas }) => petugas.length === 0).length;
  return (
    <section class="card" aria-labelledby="officers-all">
      <h2 id="officers-all">
        {without === 0 ? t("officers.everywhere") : t("officers.without", { count: without })}
      </h2>
      <table class="table table-stacked table-middle">
        <thead>
          <tr>
            <th scope="col">{t("officers.province")}</th>
            <th scope="col">{t("officers.number")}</th>
            <th scope="col">
              <span class="visually-hidden">{t("officers.add")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {provinces.map(({ kode, provinsi, petugas }) => (
            <tr key={kode}>
              <th scope="row">{provinsi}</th>
              <td>
                {petugas.length === 0
                  ? <span class="muted">{t("officers.default")}</span>
                  : (
                    <ul class="officers">
                      {petugas.map((officer) => (
                        <li key={officer.id}>
                          <span class="digits">{officer.telepon}</span>
                          {(["change", "remove"] as const).map((kind) => (
                            <button
                              key={kind}
                              type="button"
                              class="button button-plain button-small"
                              aria-label={t(`officers.${kind}.of`, {
                                province: provinsi,
                                number: officer.telepon,
                              })}
                              onClick={() => onAction({ kind, kode, provinsi, officer })}
                            >
                              {t(`officers.${kind}`)}
                            </button>
                          ))}
                        </li>
                      ))}
                    </ul>
                  )}
              </td>
              <td class="row-action">
                <button
                  type="button"
                  class="button button-plain button-small"
                  aria-label={t("officers.add.to", { province: provinsi })}
                  onClick={() => onAction({ kind: "add", kode, provinsi, officer: undefined })}
                >
                  {t("officers.add")}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What somebody wants to do, and to whom. */
export interface OfficerAction {
  readonly kind: "add" | "change" | "remove";
  readonly kode: string;
  readonly provinsi: string;
  /** Undefined where one is added. */
  readonly officer: OfficerAnswer | undefined;
}

interface OfficersTableProps {
  readonly provinces: OfficerList;
  readonly onAction: (action: OfficerAction) => void;
}
