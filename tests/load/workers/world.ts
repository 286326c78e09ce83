import type { LagReader } from "../kafka_lag.ts";
import type { BenchIdentity } from "../ours/identity.ts";
import type { Ours } from "../ours/system.ts";
import type { Context } from "../scenario.ts";

/** What all of this scenario's turns share. */
export interface World {
  readonly context: Context;
  readonly ours: Ours;
  readonly identity: BenchIdentity;
  readonly lag: LagReader;
}

/** As the contender of a row. */
export function ofEach(processes: number): string {
  return processes === 1 ? "1 process" : `${processes} processes`;
}
