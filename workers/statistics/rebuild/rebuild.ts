import type { Pool } from "../../../shared/adapters/postgres/pool.ts";
import type { Generation, StatisticsStore } from "../../../shared/ports/statistics_store.ts";
import type { KeyRing } from "../../../shared/security/key_ring.ts";
import { type Census, countRegistry } from "./census.ts";
import { cutRegistry } from "./cut.ts";
import { fillIn } from "./fill_in.ts";

/**
 * Counts the registry anew and serves these counts in the place of the old ones, which serve until then. Exact while
 * residents are registered, taken back and delivered again: the registry is cut at one number of its outbox, what is
 * before it comes from the registry and what is behind it from the events. Killed anywhere, the old counts go on, or the
 * new ones do. Resolves to the residents of the cut.
 */
export async function rebuildStatistics(context: RebuildContext): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { generation, census } = await countAnew(context);
    if (census.unknown === 0) {
      await context.store.serveGeneration(generation, census);
      return census.residents.reduce((sum, { jumlah }) => sum + jumlah, 0);
    }
    await fillIn(context);
  }
  throw new Error(
    "Cannot count residents who are registered without sex and cohort: roll out this version of the registration first",
  );
}

async function countAnew(context: RebuildContext): Promise<{ generation: Generation; census: Census }> {
  const { result: generation, snapshot, end } = await cutRegistry({
    holder: context.keeper,
    reader: context.reader,
    whileHeld: (seq) => context.store.startGeneration(seq),
    signal: context.signal,
  });
  try {
    return { generation, census: await countRegistry(snapshot, context) };
  } finally {
    end();
  }
}

export interface RebuildContext {
  readonly store: Pick<StatisticsStore, "startGeneration" | "serveGeneration">;
  /** Counts; has the rights of the role "reader". */
  readonly reader: Pool;
  /** Holds registrations back for the moment of the cut, and fills in what old rows lack: the role "keys". */
  readonly keeper: Pool;
  /** The keys of the encrypted columns, asked for only when old rows must be filled in. */
  readonly columns: () => Promise<KeyRing>;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: RebuildProgress) => void;
}

export interface RebuildProgress {
  readonly step: "counting" | "filling in";
  /** Of this step. */
  readonly records: number;
}

/** The second counts what the first found to be filled in. */
const ATTEMPTS = 2;
