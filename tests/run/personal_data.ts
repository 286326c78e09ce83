import { DEMO_NIK } from "../../ops/tasks/dev/banner.ts";
import { PERSONAL } from "../fixtures.ts";

/** Numbers of the lines, from 1, that hold a fixture's personal data or any number that could be a NIK. */
export function linesWithPersonalData(text: string): readonly number[] {
  return text.split("\n").flatMap((line, i) => holdsPersonalData(line) ? [i + 1] : []);
}

function holdsPersonalData(line: string): boolean {
  const lower = line.toLowerCase();
  return FIXTURES.some((value) => lower.includes(value)) ||
    SIXTEEN_DIGITS.test(line.replaceAll(IDENTIFIERS, " ").replaceAll(DEMO_NIK, " "));
}

const FIXTURES = PERSONAL.map((value) => value.toLowerCase());

// Region, then day (women's plus 40), month and year of birth, then the serial; not a part of a longer number.
const SIXTEEN_DIGITS = /(?<!\d)[1-9]\d{5}(?:[04][1-9]|[1256]\d|[37][01])(?:0[1-9]|1[0-2])\d{6}(?!\d)/;

// May hold 16 digits in a row by chance: hashes and keys in hexadecimal, traceparent, decimal fractions.
const IDENTIFIERS = /\b[0-9a-f]{32,}\b(?:-[0-9a-f]{16}-)?|\b\d+\.\d{10,}/gi;
