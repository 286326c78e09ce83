import type { Fault } from "./faults/fault.ts";

/**
 * What breaks, step by step, in an order of the seed: each fault alone, then several at once, until all is done or time
 * is up. A short run has some faults always, then one of each other kind, several at once, and one fault last of all.
 */
export function* schedule(faults: readonly Fault[], options: ScheduleOptions): Generator<readonly Fault[]> {
  const { random, quick, inTime, leaveOut } = options;
  if (!quick) {
    for (const fault of shuffled(faults, random)) if (inTime()) yield [fault];
    for (let i = 0; i < TOGETHER && inTime(); i++) yield together(faults, random);
    return;
  }
  const mixed = shuffled(faults, random);
  const always = mixed.filter(({ inShortRun }) => inShortRun === "always");
  // What nobody may notice comes while no backlog of another fault is left.
  const unnoticed = always.filter(({ unnoticed }) => unnoticed);
  const first = [...unnoticed, ...always.filter((fault) => !unnoticed.includes(fault))];
  const others = mixed.filter(({ kind, inShortRun }) =>
    inShortRun === undefined && always.every((fault) => fault.kind !== kind)
  );
  for (const fault of first) {
    if (inTime("always")) yield [fault];
    else leaveOut(fault);
  }
  for (const step of grouped(oneOfEachKind(others))) {
    if (inTime()) yield step;
    else step.forEach(leaveOut);
  }
  for (const fault of mixed.filter(({ inShortRun }) => inShortRun === "last")) yield [fault];
}

export interface ScheduleOptions {
  readonly random: () => number;
  readonly quick: boolean;
  /** Asked before each step: there is more time for what a short run has always. */
  readonly inTime: (what?: "always") => boolean;
  /** Told of what a short run should have and has no time for. */
  readonly leaveOut: (fault: Fault) => void;
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

function oneOfEachKind(faults: readonly Fault[]): readonly Fault[] {
  return [...new Map(faults.map((fault) => [fault.kind, fault])).values()];
}

/** All of them, few at once, and no two of one group break the same thing. */
function grouped(faults: readonly Fault[]): readonly (readonly Fault[])[] {
  const groups: Fault[][] = [];
  for (const fault of faults) {
    const fits = (group: readonly Fault[]) =>
      group.length < MOST_TOGETHER && group.every(({ target }) => target !== fault.target);
    const group = groups.find(fits);
    if (group) group.push(fault);
    else groups.push([fault]);
  }
  return groups;
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(Math.floor(random() * left.length), 1));
}

const TOGETHER = 10;
const MOST_TOGETHER = 4;
