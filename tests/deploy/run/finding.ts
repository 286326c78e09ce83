/** What one step of `deno task test:deploy` found. */
export interface Finding {
  readonly name: string;
  /** In a sentence, what was held against what. */
  readonly summary: string;
  readonly passed: number;
  /** A line for each thing that is wrong. */
  readonly faults: readonly string[];
}

export type Step = (say: (line: string) => void) => Promise<Finding>;
