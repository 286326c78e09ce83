import type { Options } from "./options.ts";
import { Refused, type World } from "./world.ts";

/** Runs the checks one after the other and tells how each ended. */
export class Checklist {
  readonly #say: World["say"];
  readonly #offline: boolean;

  /**
   * A dry run that names no cluster shows the plan also where nobody could deploy from, such as a clean clone: what the
   * machine has no access to is then left open. With `--context` it asks for all that the deployment will ask for.
   */
  constructor({ dryRun, context }: Options, say: World["say"]) {
    this.#say = say;
    this.#offline = dryRun && context === undefined;
  }

  /** A check of the repository: throws its `Refused`. */
  async must<T>(name: string, work: () => Promise<T>, tell: (value: T) => string): Promise<T> {
    try {
      const value = await work();
      this.#line("ok", name, tell(value));
      return value;
    } catch (error) {
      if (error instanceof Refused) this.#say(`  FAILED     ${name}`); // its sentence is the last that is said
      throw error;
    }
  }

  /** A check of what this machine can reach; `undefined` where it is left open. */
  async access<T>(name: string, work: () => Promise<T>, tell: (value: T) => string): Promise<T | undefined> {
    if (!this.#offline) return await this.must(name, work, tell);
    try {
      const value = await work();
      this.#line("ok", name, tell(value));
      return value;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#line("open", name, error.message);
      return undefined;
    }
  }

  #line(state: "ok" | "open", name: string, detail: string): void {
    this.#say(`  ${state.padEnd(10)} ${name.padEnd(12)} ${detail}`);
  }
}
