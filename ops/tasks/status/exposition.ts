/** Reads Prometheus' text form (https://prometheus.io/docs/instrumenting/exposition_formats/), as our parts write it. */
export function readExposition(text: string): Exposition {
  const series: Series[] = [];
  for (const line of text.split("\n")) {
    const [, name, labels = "", value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const pairs = Array.from(labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g), ([, label = "", word = ""]) => {
      return [label, word.replace(/\\(.)/g, "$1")] as const;
    });
    series.push({ name, labels: Object.fromEntries(pairs), value: Number(value.replace("Inf", "Infinity")) });
  }
  return series;
}

/** The series of a name whose labels are as wanted. */
export function select(exposition: Exposition, name: string, wanted: Labels = {}): readonly Series[] {
  return exposition.filter((series) =>
    series.name === name && Object.entries(wanted).every(([label, word]) => series.labels[label] === word)
  );
}

export function sum(series: readonly Series[]): number {
  return series.reduce((total, { value }) => total + value, 0);
}

export type Exposition = readonly Series[];

export interface Series {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

export type Labels = Readonly<Record<string, string>>;
