import { parseNik } from "../../../shared/penduduk/nik.ts";
import { namaWilayah } from "../../../shared/penduduk/nama_wilayah.ts";
import { provinsi } from "../../../shared/penduduk/provinsi.ts";
import { parseProvinsi } from "../../../shared/penduduk/provinsi.ts";
import { nikWarnings } from "../../../shared/penduduk/warning.ts";
import { warningText } from "../texts/sentences.ts";
import { day, t } from "../texts/texts.ts";
import { Attention } from "../ui/icons.tsx";

/** What the digits say, for the officer to compare with the document. */
export function NikFacts({ nik, registeredIn }: { nik: string; registeredIn: string }) {
  const facts = parseNik(nik, new Date());
  const parsed = parseProvinsi(registeredIn);
  const warnings = facts.kind === "nik"
    ? nikWarnings(facts, parsed.kind === "provinsi" ? parsed.kode : facts.kodeProvinsi)
    : [];
  return (
    <section class="card nik-facts" aria-labelledby="nik-facts">
      <h2 id="nik-facts">{t("nik.read")}</h2>
      <div aria-live="polite">
        {facts.kind === "nik"
          ? (
            <dl class="facts">
              <dt>{t("nik.birth")}</dt>
              <dd>{day(facts.tanggalLahir)}</dd>
              <dt>{t("nik.sex")}</dt>
              <dd>{t(`sex.${facts.jenisKelamin}`)}</dd>
              <dt>{t("nik.region")}</dt>
              <dd>
                {namaWilayah(facts.kodeWilayah.slice(0, 4)) ??
                  t("nik.region.unknown", { code: facts.kodeWilayah.slice(0, 4) })}
                <span class="muted">, {provinsi(facts.kodeProvinsi).nama}</span>
              </dd>
            </dl>
          )
          : <p class="muted">{t("nik.wait")}</p>}
        {warnings.map(({ code, detail }) => (
          <p class="warning" key={code}>
            <Attention /> {warningText(code, detail)}
          </p>
        ))}
      </div>
    </section>
  );
}
