import { Batcher, type BatcherLimits } from "../resilience/batcher.ts";
import { inSpanOfAll, type Part, type Span } from "./span.ts";

/** A batcher each of whose batches runs in a span that is linked to those of the calls in it. */
export function tracedBatcher<Item, Result>(
  part: Part,
  name: string,
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
  limits: BatcherLimits,
): Batcher<Traced<Item>, Result> {
  const runTraced = (calls: readonly Traced<Item>[]) => {
    const items = calls.map(({ item }) => item);
    return inSpanOfAll(part, name, calls.map(({ span }) => span), () => run(items));
  };
  return new Batcher(runTraced, limits);
}

export interface Traced<Item> {
  readonly item: Item;
  /** Of the call that waits for it; undefined where tracing is off. */
  readonly span: Span | undefined;
}
