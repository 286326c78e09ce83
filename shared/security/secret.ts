import { sleep } from "../resilience/backoff.ts";

/**
 * A password, a token, or a URL that holds one. Only `value()` shows it: printed, inspected or written as JSON, it is
 * its name. It may change while the process runs, so it is asked for at each use and kept nowhere.
 */
export class Secret {
  readonly #values: () => SecretValues;
  readonly #changes: boolean;

  private constructor(readonly name: string, values: () => SecretValues, changes: boolean) {
    this.#values = values;
    this.#changes = changes;
  }

  /** One that stays as it is. */
  static fixed(name: string, value: string): Secret {
    return new Secret(name, () => [value], false);
  }

  /** One that `values` reads anew at each use; it must not throw. */
  static changing(name: string, values: () => SecretValues): Secret {
    return new Secret(name, values, true);
  }

  value(): string {
    return this.#values()[0];
  }

  /** One that is made of this and changes with it. */
  map(make: (value: string) => string): Secret {
    // Asked for at each query, and it seldom changes.
    let last: { readonly from: string; readonly made: string } | undefined;
    const values = (): SecretValues => {
      const [value, ...before] = this.#values();
      if (last?.from !== value) last = { from: value, made: make(value) };
      return [last.made, ...before.map(make)];
    };
    return new Secret(this.name, values, this.#changes);
  }

  /** The value, and the one that it replaced. */
  values(): SecretValues {
    return this.#values();
  }

  /**
   * What to try, one after the other, with a server that refuses: the value; the one before it, for the server may learn
   * of the change later than this process, and the value again, for it may have learned of it just then; and what comes
   * within `PATIENCE_MS`, for it may have learned of it earlier.
   */
  async *candidates(signal: AbortSignal): AsyncGenerator<string, void> {
    let tried: string | undefined;
    for (let waitedMs = 0;; waitedMs += LOOK_MS) {
      const [value, before] = this.#values();
      if (value !== tried) yield value;
      if (value !== tried && before !== undefined) {
        yield before;
        yield value;
      }
      tried = value;
      if (!this.#changes || signal.aborted || waitedMs >= PATIENCE_MS) return;
      await sleep(LOOK_MS, signal);
    }
  }

  toString(): string {
    return `[${this.name}]`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** The newest first. */
export type SecretValues = readonly [string, ...string[]];

/** Adapters take a plain text for one that stays as it is. */
export function toSecret(given: Secret | string, name = "secret"): Secret {
  return typeof given === "string" ? Secret.fixed(name, given) : given;
}

const LOOK_MS = 100;
const PATIENCE_MS = 2_000;
