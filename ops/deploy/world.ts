import type { Run } from "./run.ts";

/** Everything that a deployment touches outside of its own memory. */
export interface World {
  readonly run: Run;
  readonly fetch: typeof fetch;
  /** A file of the checkout, by its path from the root; `undefined` when there is none. */
  readonly read: (path: string) => Promise<string | undefined>;
  readonly write: (path: string, text: string) => Promise<void>;
  readonly temporaryFolder: () => Promise<TemporaryFolder>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now: () => number;
  /** Tells the person one line. */
  readonly say: (line: string) => void;
  /** What the person typed; `undefined` when nobody is there to ask. */
  readonly ask: (question: string) => string | undefined;
  /** User of the smoke test; `undefined` leaves out what needs one. */
  readonly smokeUser: Credentials | undefined;
  /** The first Ctrl-C: stop and set back what was changed. */
  readonly stop: AbortSignal;
  /** The second Ctrl-C: leave everything as it is and say how. */
  readonly abandon: AbortSignal;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/** The deployment cannot go on; the message is the sentence that says what to do. */
export class Refused extends Error {
  override readonly name = "Refused";
}
