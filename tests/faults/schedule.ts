import type { Fault } from "./faults/fault.ts";

/**
 * What breaks, step by step, in an order of the seed: each fault alone, then several at once. A short run begins with
 * the essential faults and goes on, in turn, with several at once and with one of the others, for as long as it may.
 */
export function* schedule(faults: readonly Fault[], options: ScheduleOptions): Generator<readonly Fault[]> {
  const { random, quick } = options;
  if (!quick) {
    for (const fault of shuffled(faults, random)) yield [fault];
    for (let i = 0; i < TOGETHER; i++) yield together(faults, random);
    return;
  }
  const essential = shuffled(faults.filter(({ essential }) => essential), random);
  // What nobody may notice comes while no backlog of another fault is left.
  for (const fault of essential.filter(({ unnoticed }) => unnoticed)) yield [fault];
  for (const fault of essential.filter(({ unnoticed }) => !unnoticed)) yield [fault];
  const short = faults.filter(({ long }) => !long);
  for (const fault of shuffled(short.filter(({ essential }) => !essential), random)) {
    yield together(short, random);
    yield [fault];
  }
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

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(Math.floor(random() * left.length), 1));
}

const TOGETHER = 10;
