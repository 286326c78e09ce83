import type { Trend } from "../../../shared/http/schemas/trend.ts";
import { number, t } from "../texts/texts.ts";
import { bucketName } from "./bucket_name.ts";

/** Bars over time for the eye; who listens hears the sum and the peak, and the table has every number. */
export function TrendChart({ trend, most = highest(trend) }: TrendChartProps) {
  const { per, trend: buckets, provinsi } = trend;
  const total = buckets.reduce((sum, { jumlah }) => sum + jumlah, 0);
  const reach = t(`trend.reach.${per}`);
  if (total === 0) return <p class="muted">{t("trend.empty", { provinsi, reach })}</p>;
  const peak = buckets.find(({ jumlah }) => jumlah === highest(trend));
  const when = peak ? bucketName(peak.mulai, per) : "";
  const label = t("trend.label", { provinsi, reach, total, most: highest(trend), when });
  return (
    <div class="trend">
      <p class="trend-most digits" aria-hidden="true">{number(most)}</p>
      <svg
        class="trend-bars"
        viewBox={`0 0 ${buckets.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        {buckets.map(({ mulai, jumlah }, place) => (
          <g class={place === buckets.length - 1 ? "trend-now" : undefined} key={mulai}>
            <title>{`${bucketName(mulai, per)}: ${number(jumlah)}`}</title>
            {/* As high as the chart, so that the pointer finds an hour of which there is nothing to see. */}
            <rect class="trend-column" x={place} y="0" width="1" height={HEIGHT} />
            <rect
              class="trend-bar"
              x={place + GAP / 2}
              y={HEIGHT - barHeight(jumlah, most)}
              width={1 - GAP}
              height={barHeight(jumlah, most)}
            />
          </g>
        ))}
      </svg>
      <p class="trend-axis" aria-hidden="true">
        {[0, Math.floor(buckets.length / 2), buckets.length - 1].map((place) => (
          <span key={place}>{bucketName(buckets[place]?.mulai ?? "", per)}</span>
        ))}
      </p>
    </div>
  );
}

export function highest({ trend }: Trend): number {
  return Math.max(...trend.map(({ jumlah }) => jumlah));
}

interface TrendChartProps {
  readonly trend: Trend;
  /** What the full height stands for, so that several charts compare; the highest bar unless told. */
  readonly most?: number;
}

const HEIGHT = 100;
const GAP = .18;

/** One registration is seen beside a thousand. */
function barHeight(jumlah: number, most: number): number {
  return jumlah === 0 ? 0 : Math.max(1.5, jumlah / most * HEIGHT);
}
