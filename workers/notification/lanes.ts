import pLimit from "p-limit";

/** Runs tasks side by side, at most `width` at once, and those of one key one after the other in the order of the calls. */
export class Lanes {
  readonly #limit: ReturnType<typeof pLimit>;
  /** The last task of each key that has any; it never rejects. */
  readonly #last = new Map<string, Promise<void>>();

  constructor(width: number) {
    this.#limit = pLimit(width);
  }

  /** Without a key, tasks start in the order of the calls and may overlap. */
  run<T>(key: string | undefined, task: () => Promise<T>): Promise<T> {
    if (key === undefined) return this.#limit(task);
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(() => this.#limit(task));
    const done = turn.then(() => {}, () => {}).then(() => {
      if (this.#last.get(key) === done) this.#last.delete(key);
    });
    this.#last.set(key, done);
    return turn;
  }
}
