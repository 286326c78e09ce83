import { linesWithPersonalData } from "../run/personal_data.ts";

/**
 * Searches texts for values of people, in any case and also as a URL would carry them, and for whatever else could be
 * a NIK. Nothing that was found is repeated.
 */
export class PersonalSearch {
  readonly values: number;
  readonly #forms: readonly string[];

  constructor(values: Iterable<string>) {
    const distinct = new Set(values);
    this.values = distinct.size;
    this.#forms = [...new Set([...distinct].flatMap(formsOf))];
  }

  /** Numbers of the lines, from 1, that hold any of them. */
  lines(text: string): readonly number[] {
    const found = text.toLowerCase().split("\n").flatMap((line, i) =>
      this.#forms.some((form) => line.includes(form)) ? [i + 1] : []
    );
    return [...new Set([...found, ...linesWithPersonalData(text)])].sort((a, b) => a - b);
  }
}

function formsOf(value: string): readonly string[] {
  const encoded = encodeURIComponent(value);
  return [value, encoded, encoded.replaceAll("%20", "+"), JSON.stringify(value).slice(1, -1)]
    .map((form) => form.toLowerCase());
}
