import type { Fault } from "./faults/fault.ts";

/**
 * What breaks, step by step, in an order of the seed: each fault alone, or in a short run the essential ones and some of
 * the others; then several at once.
 */
export function* schedule(faults: readonly Fault[], options: ScheduleOptions): Generator<readonly Fault[]> {
  const { random, quick } = options;
  const chosen = quick
    ? [
      ...faults.filter(({ essential }) => essential),
      ...some(faults.filter(({ essential }) => !essential), QUICK, random),
    ]
    : faults;
  for (const fault of shuffled(chosen, random)) yield [fault];
  for (let i = 0; i < (quick ? QUICK_TOGETHER : TOGETHER); i++) yield together(faults, random);
}

export interface ScheduleOptions {
  readonly random: () => number;
  readonly quick: boolean;
}

/** Two or three that do not break the same thing. */
function together(faults: readonly Fault[], random: () => number): readonly Fault[] {
  const picked: Fault[] = [];
  const wanted = random() < 0.5 ? 2 : 3;
  for (const fault of shuffled(faults.filter(({ unnoticed }) => !unnoticed), random)) {
    if (picked.length < wanted && picked.every(({ target }) => target !== fault.target)) picked.push(fault);
  }
  return picked;
}

function some<T>(items: readonly T[], count: number, random: () => number): readonly T[] {
  return shuffled(items, random).slice(0, count);
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(Math.floor(random() * left.length), 1));
}

const QUICK = 8;
const QUICK_TOGETHER = 2;
const TOGETHER = 10;
