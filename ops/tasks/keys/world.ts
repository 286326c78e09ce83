import type { Pool } from "../../../shared/adapters/postgres/pool.ts";

/** What the commands work with. */
export interface World {
  /** Of the keys file. */
  readonly path: string;
  /** By the role that rewrites. */
  readonly pool: () => Promise<Pool>;
  readonly url: () => Promise<string>;
  readonly olderEvents: (before: Date) => Promise<readonly string[]>;
  readonly say: (line: string) => void;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}
