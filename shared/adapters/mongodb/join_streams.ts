import type { Applied, CountableBatch } from "../../ports/statistics_store.ts";
import { inStoreSpan } from "../../telemetry/store_span.ts";
import { tracedBatcher } from "../../telemetry/traced_batcher.ts";

/**
 * Applies what several streams deliver at once together, so that a province is updated once for all of them. What fails
 * together is applied one by one: no stream is held up by what another one brings.
 */
export function joinStreams(apply: ApplyTogether): (batch: CountableBatch) => Promise<Applied> {
  const batcher = tracedBatcher(
    "statistics-store",
    "apply batch",
    async (batches: readonly CountableBatch[]) => {
      const outcomes: Outcome[] = [];
      for (const together of joinable(batches)) outcomes.push(...await settle(apply, together));
      return outcomes;
    },
    LIMITS,
  );
  return (batch) =>
    inStoreSpan("statistics-store", CALL, async (span) => {
      const outcome = await batcher.add({ item: batch, span }, NEVER);
      if (outcome.status === "rejected") throw outcome.reason;
      return outcome.value;
    });
}

/** Answers one outcome for each batch; all are of one epoch, and no two of one partition. */
export type ApplyTogether = (batches: readonly CountableBatch[]) => Promise<readonly Applied[]>;

async function settle(apply: ApplyTogether, batches: readonly CountableBatch[]): Promise<readonly Outcome[]> {
  try {
    return (await apply(batches)).map((value) => ({ status: "fulfilled", value }));
  } catch (reason) {
    if (batches.length === 1) return [{ status: "rejected", reason }];
    return (await Promise.all(batches.map((batch) => settle(apply, [batch])))).flat();
  }
}

/** In their order: what one stream delivers twice must not meet. */
function joinable(batches: readonly CountableBatch[]): readonly (readonly CountableBatch[])[] {
  const groups: CountableBatch[][] = [];
  for (const batch of batches) {
    const last = groups.at(-1);
    const fits = last?.every(({ epoch, partition }) =>
      epoch === batch.epoch && partition !== batch.partition
    );
    if (last && fits) last.push(batch);
    else groups.push([batch]);
  }
  return groups;
}

type Outcome = PromiseSettledResult<Applied>;

/** One lane: two updates of a province at once would only wait for one another. */
const LIMITS = { lanes: 1, batch: 10, queue: 10_000 };

/** Whoever stops waiting applies the batch anew: counted is counted. */
const NEVER = new AbortController().signal;

const CALL = { system: "mongodb", operation: "apply", collection: "province-stats" } as const;
