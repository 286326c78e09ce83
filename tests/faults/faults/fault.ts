import type { System } from "../system/system.ts";

/** One thing that breaks. */
export interface Fault {
  /** As `--fault` takes it. */
  readonly name: string;
  /** How it breaks it: of one kind a short run has one. */
  readonly kind: string;
  /** What it breaks: two faults of one target do not go together. */
  readonly target: string;
  /** Why this machine cannot break it; undefined when it can. */
  impossible?(system: System): string | undefined;
  /** Breaks it. */
  inject(system: System): Promise<void>;
  /** How long it stays broken, in milliseconds. */
  readonly holdMs: number;
  /** Makes it whole, or waits until it is. */
  heal(system: System): Promise<void>;
  /** Nobody may notice. */
  readonly unnoticed?: boolean;
  /** Whether a short run has it: always, as its last, or never, for it takes too long; else for its kind. */
  readonly inShortRun?: "always" | "last" | "never";
}
