/**
 * Takes one synthetic registration the whole way and takes it back, step by step. What an earlier run left behind, of a
 * process that was killed, is taken back first. Never rejects: what went wrong is an outcome.
 */
export async function probe(way: Way, { now, signal }: ProbeOptions): Promise<Outcome> {
  const seconds: Partial<Record<Step, number>> = {};
  let current: Step = "clean";
  const step = async <T>(name: Step, work: () => Promise<T>): Promise<T> => {
    current = name;
    const begun = now();
    const done = await work();
    seconds[name] = (now() - begun) / 1000;
    return done;
  };
  let id: string | undefined;
  try {
    await step("clean", async () => {
      for (const left of await way.leftBehind(signal)) await way.takeBack(left, signal);
    });
    const before = await way.lastCounted(signal);
    id = await step("register", () => way.register(signal));
    const registered = id;
    await step("read", () => way.read(registered, signal));
    const counted = await step("count", () => way.countedSince(before, signal));
    await step("take-back", () => way.takeBack(registered, signal));
    id = undefined;
    await step("take-off", () => way.countedSince(counted, signal));
    return { kind: "succeeded", seconds };
  } catch (error) {
    const code = error instanceof StepFailed ? error.code : signal.aborted ? "TIMEOUT" : "UNKNOWN";
    return { kind: "failed", step: current, code, seconds, ...(id !== undefined && { left: id }) };
  }
}

/** The way of a registration, as a client of the edge sees it. Each call rejects with `StepFailed`. */
export interface Way {
  /** What this account registered and nobody took back. */
  leftBehind(signal: AbortSignal): Promise<readonly string[]>;
  /** Answers the id. */
  register(signal: AbortSignal): Promise<string>;
  read(id: string, signal: AbortSignal): Promise<void>;
  /** Resolves too when it is not there any more. */
  takeBack(id: string, signal: AbortSignal): Promise<void>;
  /** When the statistics counted something the last time; null when they never did. */
  lastCounted(signal: AbortSignal): Promise<string | null>;
  /** Resolves when the statistics have counted something since; answers when. */
  countedSince(before: string | null, signal: AbortSignal): Promise<string | null>;
}

export class StepFailed extends Error {
  override readonly name = "StepFailed";
  /** `code` is that of the problem, or what became of the request: of a closed list. */
  constructor(readonly code: string) {
    super(`Step failed with ${code}`);
  }
}

export const STEPS = ["clean", "register", "read", "count", "take-back", "take-off"] as const;
export type Step = typeof STEPS[number];

export type Outcome =
  | { readonly kind: "succeeded"; readonly seconds: StepSeconds }
  | {
    readonly kind: "failed";
    readonly step: Step;
    readonly code: string;
    readonly seconds: StepSeconds;
    /** Still registered: the next run takes it back. */
    readonly left?: string;
  };

/** Of the steps that came to their end. */
export type StepSeconds = Readonly<Partial<Record<Step, number>>>;

export interface ProbeOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Carries the deadline of the whole run. */
  readonly signal: AbortSignal;
}
