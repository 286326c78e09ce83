/**
 * Classes for numbers of which few are huge and many small: each class begins at a round number a like factor above the
 * one before, so that the small ones are told apart as well as the great.
 */
export function scaleOf(values: readonly number[], classes = CLASSES): Scale {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return { starts: [], classOf: () => 0 };
  const [least, most] = [Math.min(...positive), Math.max(...positive)];
  const factor = (most / least) ** (1 / classes);
  const rounded = Array.from(
    { length: classes },
    (_, i) => i === 0 ? roundDown(least) : round(least * factor ** i),
  );
  const starts = [...new Set(rounded)].sort((a, b) => a - b).filter((start) => start <= most);
  return {
    starts,
    classOf: (value) => value > 0 ? Math.max(1, starts.filter((start) => start <= value).length) : 0,
  };
}

export interface Scale {
  /** Where each class begins, rising; class 1 is the first. */
  readonly starts: readonly number[];
  /** 0 for nothing, else the number of the class. */
  readonly classOf: (value: number) => number;
}

const CLASSES = 5;

/** To 1, 2 or 5 times a power of ten, the nearest on the logarithm. */
function round(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const ratio = value / power;
  const step = ratio < Math.SQRT2 ? 1 : ratio < Math.sqrt(10) ? 2 : ratio < Math.sqrt(50) ? 5 : 10;
  return Number((step * power).toPrecision(1));
}

function roundDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [5, 2, 1].find((step) => step * power <= value) ?? 1;
  return Number((step * power).toPrecision(1));
}
