/**
 * Runs the tasks of a key one after the other in the order of the calls. A task may start up to `early` tasks before it
 * is its turn, to get ready; `turn` then resolves when all of those have ended.
 */
export class Lanes {
  readonly #early: number;
  /** When the last tasks of each key that has any end, and those before them, the oldest first; none rejects. */
  readonly #ends = new Map<string, readonly Promise<void>[]>();

  constructor(early: number) {
    this.#early = early;
  }

  /** The first task of a key has its turn at once, and gets no `turn`. */
  run<T>(key: string, task: (turn?: Promise<void>) => Promise<T>): Promise<T> {
    const before = this.#ends.get(key) ?? [];
    const turn = before.at(-1);
    const start = before.length > this.#early ? before[0] : undefined;
    const running = start ? start.then(() => task(turn)) : task(turn);
    const end = running.then(() => turn, () => turn).then(() => {
      if (this.#ends.get(key)?.at(-1) === end) this.#ends.delete(key);
    });
    this.#ends.set(key, [...before, end].slice(-1 - this.#early));
    return running;
  }
}
