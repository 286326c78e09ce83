import { encode } from "uqr";
import { useEffect, useRef } from "preact/hooks";
import { isNik, maskNik } from "../../../shared/penduduk/nik.ts";
import type { Penduduk } from "../../../shared/penduduk/penduduk.ts";
import { warningText } from "../texts/sentences.ts";
import { dateTime, t } from "../texts/texts.ts";
import { Attention, Check } from "../ui/icons.tsx";

/** What the person takes home: no more of their data than tells it from another's. */
export function Receipt({ taken, onNext, fresh = false }: ReceiptProps) {
  const { warnings = [] } = taken;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (fresh) heading.current?.focus();
  }, [taken.id]);
  return (
    <section class="card receipt" aria-labelledby="receipt">
      {fresh && (
        <p class="done" role="status">
          <Check /> {t("receipt.done")}
        </p>
      )}
      <h2 id="receipt" ref={heading} tabIndex={-1}>{t("receipt.title")}</h2>
      <div class="receipt-body">
        <dl class="facts">
          <dt>{t("receipt.code")}</dt>
          <dd>
            <code class="code">{taken.id}</code>
          </dd>
          <dt>{t("register.nama")}</dt>
          <dd>{taken.nama}</dd>
          <dt>{t("register.nik")}</dt>
          <dd class="digits">{isNik(taken.nik) ? maskNik(taken.nik) : taken.nik}</dd>
          <dt>{t("register.provinsi")}</dt>
          <dd>{taken.provinsi}</dd>
          <dt>{t("receipt.time")}</dt>
          <dd>{dateTime(taken.createdAt)}</dd>
        </dl>
        <QrCode text={`${location.origin}/#/pendaftaran/${taken.id}`} />
      </div>
      {warnings.length > 0 && (
        <div class="screen-only">
          <h3>{t("receipt.warnings")}</h3>
          {warnings.map(({ code, detail }) => (
            <p class="warning" key={code}>
              <Attention /> {warningText(code, detail)}
            </p>
          ))}
        </div>
      )}
      <p class="actions screen-only">
        <button type="button" class="button button-plain" onClick={() => print()}>
          {t("receipt.print")}
        </button>
        {onNext && <button type="button" class="button" onClick={onNext}>{t("receipt.next")}</button>}
      </p>
    </section>
  );
}

/** A list tells no warnings: whoever registered has seen them. */
export type Receipted =
  & Pick<Penduduk, "id" | "nik" | "nama" | "provinsi" | "createdAt">
  & Partial<Pick<Penduduk, "warnings">>;

interface ReceiptProps {
  readonly taken: Receipted;
  readonly onNext?: () => void;
  /** Just made: takes the focus. */
  readonly fresh?: boolean;
}

function QrCode({ text }: { text: string }) {
  const { data, size } = encode(text, { ecc: "M", border: 2 });
  const path = data.flatMap((row, y) => row.map((dark, x) => dark ? `M${x} ${y}h1v1h-1z` : "")).join("");
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t("receipt.qr")}>
      <rect class="qr-light" width={size} height={size} />
      <path class="qr-dark" d={path} />
    </svg>
  );
}
