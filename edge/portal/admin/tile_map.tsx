import { useState } from "preact/hooks";
import { number, t } from "../texts/texts.ts";
import { per100k, type Row } from "./rows.ts";
import { type Scale, scaleOf } from "./scale.ts";
import { EAST, MAP_HEIGHT, MAP_WIDTH, TILES } from "./tiles.ts";

/** One tile each: a province of a small island is seen as well as Papua. What it shows, the table says. */
export function TileMap({ rows }: { rows: readonly Row[] }) {
  const [by, setBy] = useState<Measure>("count");
  const values = new Map(rows.map((row) => [row.kode, by === "count" ? row.jumlah : per100k(row)]));
  const scale = scaleOf([...values.values()]);
  return (
    <section class="card" aria-labelledby="map">
      <div class="card-head">
        <h2 id="map">{t("stats.map")}</h2>
        <div class="segments" role="group" aria-label={t("stats.map.by")}>
          {(["count", "share"] satisfies Measure[]).map((measure) => (
            <button
              key={measure}
              type="button"
              aria-pressed={by === measure}
              onClick={() => setBy(measure)}
            >
              {t(`stats.by.${measure}`)}
            </button>
          ))}
        </div>
      </div>
      <div class="map" role="img" aria-label={t("stats.map.label")}>
        {HALVES.map(({ from, to }) => (
          <svg
            key={from}
            style={{ flexGrow: to - from }}
            viewBox={`${from * SIZE} 0 ${(to - from) * SIZE} ${MAP_HEIGHT * SIZE}`}
            aria-hidden="true"
          >
            {rows.map(({ kode, provinsi }) => {
              const tile = TILES[kode];
              if (!tile || tile.x < from || tile.x >= to) return null;
              const value = values.get(kode) ?? 0;
              return (
                <g
                  class={`tile tile-${scale.classOf(value)}`}
                  key={kode}
                  transform={`translate(${tile.x * SIZE} ${tile.y * SIZE})`}
                >
                  <title>{`${provinsi}: ${shown(value)}`}</title>
                  <rect x="1" y="1" width={SIZE - 2} height={SIZE - 2} rx="5" />
                  <text x={SIZE / 2} y={SIZE / 2 + 4.5}>{tile.short}</text>
                </g>
              );
            })}
          </svg>
        ))}
      </div>
      <Legend scale={scale} by={by} />
    </section>
  );
}

type Measure = "count" | "share";
const SIZE = 40;
/** Side by side they are one map; on a narrow screen the east stands below the west, so that its letters can be read. */
const HALVES = [{ from: 0, to: EAST }, { from: EAST, to: MAP_WIDTH }];

function Legend({ scale: { starts }, by }: { scale: Scale; by: Measure }) {
  return (
    <ul class="legend" aria-hidden="true">
      <li>
        <span class="swatch tile-0" /> {t("stats.legend.none")}
      </li>
      {starts.map((from, index) => {
        const next = starts[index + 1];
        return (
          <li key={from}>
            <span class={`swatch tile-${index + 1}`} /> {range(from, next, by)}
          </li>
        );
      })}
    </ul>
  );
}

/** A share ends where the next class begins; a count one before. */
function range(from: number, next: number | undefined, by: Measure): string {
  if (next === undefined) return t("stats.legend.from", { from: shown(from) });
  const to = by === "count" ? next - 1 : next;
  return from === to ? shown(from) : t("stats.legend.range", { from: shown(from), to: shown(to) });
}

function shown(value: number): string {
  return number(value, { maximumSignificantDigits: value < 10 ? 2 : 21 });
}
