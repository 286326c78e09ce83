import { sleep } from "../../../shared/resilience/backoff.ts";
import type { Managed } from "./managed.ts";
import { residentBytes } from "./process_tree.ts";

/** Looks at the memory of every process from time to time. */
export class MemoryWatch {
  readonly #processes: () => readonly Managed[];
  readonly #seen = new Map<string, { first: number; last: number; peak: number }>();

  constructor(processes: () => readonly Managed[]) {
    this.#processes = processes;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look();
      await sleep(EVERY_MS, signal);
    }
  }

  async look(): Promise<void> {
    const running = new Map(
      this.#processes().flatMap(({ pid, name }) => pid === undefined ? [] : [[pid, name]]),
    );
    for (const [pid, bytes] of await residentBytes([...running.keys()])) {
      const name = running.get(pid) ?? "";
      const { first = bytes, peak = 0 } = this.#seen.get(name) ?? {};
      this.#seen.set(name, { first, last: bytes, peak: Math.max(peak, bytes) });
    }
  }

  /** Bytes by the name of the process. */
  seen(): readonly MemoryUse[] {
    return [...this.#seen].map(([name, use]) => ({ name, ...use }));
  }
}

export interface MemoryUse {
  readonly name: string;
  /** At the first look, at the last, and at most, in bytes. */
  readonly first: number;
  readonly last: number;
  readonly peak: number;
}

const EVERY_MS = 3_000;
