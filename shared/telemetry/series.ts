import { boundedLabel, OTHER } from "./label.ts";

/**
 * The series of one metric, each made once from its labels' values and then found by them. More than `most` there never
 * are: what comes after that is counted as "other", so that nobody who sends us words can fill Prometheus' memory or ours.
 */
export function seriesOf<L extends string, Series>(
  names: readonly L[],
  make: (values: readonly string[]) => Series,
  most = MOST,
): (labels: Readonly<Record<L, string>>) => Series {
  const known = new Map<string, Series>();
  const overflow = () => make(names.map(() => OTHER));
  return function find(labels) {
    const key = names.map((name) => labels[name]).join("\0");
    const found = known.get(key);
    if (found) return found;
    if (known.size >= most) return overflow();
    const series = make(names.map((name) => boundedLabel(labels[name])));
    known.set(key, series);
    return series;
  };
}

const MOST = 500;
