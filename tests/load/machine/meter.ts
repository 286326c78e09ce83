import { readProc } from "../../../ops/stack/proc.ts";
import { treeOf } from "../../faults/system/process_tree.ts";
import type { Processes } from "../scenario.ts";

/** Reads what processes use, by name, each with all that it has started; only on Linux. */
export function meter(processes: Processes): Meter {
  return {
    async cpuSeconds() {
      return await each(processes, (trees) => sum(trees, (stat) => cpuIn(stat.stat)));
    },
    async memoryMb() {
      return await each(processes, (trees) => sum(trees, (stat) => pssIn(stat.rollup)));
    },
  };
}

export interface Meter {
  /** Since the start of the processes, those that have ended included. */
  cpuSeconds(): Promise<ByName>;
  /** Proportional set size: what several processes share counts once. */
  memoryMb(): Promise<ByName>;
}

export type ByName = Readonly<Record<string, number>>;

/** What was used between two readings, together: of all names, or of some. */
export function between(
  before: ByName,
  after: ByName,
  names: readonly string[] = Object.keys(after),
): number {
  return names.reduce((total, name) => total + (after[name] ?? 0) - (before[name] ?? 0), 0);
}

/** Seconds of all CPUs together that were not idle, as /proc/stat counts them. */
export async function machineBusySeconds(): Promise<number> {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] =
    (await Deno.readTextFile("/proc/stat")).split("\n", 1)[0]?.split(/\s+/).map(Number) ?? [];
  return (user + nice + system + irq + softirq + steal) / TICKS;
}

async function each(processes: Processes, of: (pids: readonly number[]) => Promise<number>): Promise<ByName> {
  const entries = Object.entries(processes);
  const values = await Promise.all(entries.map(([, pid]) => ofTree(pid, of)));
  return Object.fromEntries(entries.map(([name], i) => [name, values[i] ?? 0]));
}

/** Again when a process came or went meanwhile: what one of PostgreSQL's used would be found nowhere, or twice. */
async function ofTree(pid: number, of: (pids: readonly number[]) => Promise<number>): Promise<number> {
  for (let attempt = 1;; attempt++) {
    const tree = await treeOf(pid);
    const value = await of(tree);
    if (attempt === READINGS || String(await treeOf(pid)) === String(tree)) return value;
  }
}

async function sum(pids: readonly number[], of: (files: Files) => number): Promise<number> {
  const values = await Promise.all(pids.map(async (pid) => {
    const [stat, rollup] = await Promise.all([readProc(pid, "stat"), readProc(pid, "smaps_rollup")]);
    return of({ stat: stat ?? "", rollup: rollup ?? "" });
  }));
  return values.reduce((total, value) => total + value, 0);
}

interface Files {
  readonly stat: string;
  readonly rollup: string;
}

/** proc_pid_stat(5): behind the name in parentheses, fields 14 to 17, in ticks: its own and its ended children's. */
export function cpuIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 15);
  return fields.reduce((total, field) => total + Number(field), 0) / TICKS;
}

/** proc_pid_smaps_rollup(5). */
export function pssIn(rollup: string): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) / 1024;
}

const READINGS = 20;

/** USER_HZ, the same on every Linux that Deno runs on. */
const TICKS = 100;
