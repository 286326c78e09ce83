import { Batcher, type BatcherLimits } from "../resilience/batcher.ts";
import { inSpan, inSpanOfAll, type Part, type Span, SpanKind } from "./span.ts";

/** One call of a store, by what it does and to what: https://opentelemetry.io/docs/specs/semconv/database/ */
export function inStoreSpan<T>(
  part: Part,
  { system, operation, collection }: StoreCall,
  work: (span: Span | undefined) => Promise<T>,
): Promise<T> {
  const attributes = {
    "db.system.name": system,
    "db.operation.name": operation,
    "db.collection.name": collection,
  };
  return inSpan(part, `${operation} ${collection}`, { kind: SpanKind.CLIENT, attributes }, work);
}

/**
 * Joins calls that come at once; `run` answers one result for each, in a span that is linked to those of the calls.
 * Whoever stops waiting ends nothing: others may be part of it.
 */
export function joinCalls<Item, Result>(
  part: Part,
  name: string,
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
  limits: BatcherLimits,
): (item: Item, span: Span | undefined) => Promise<Result> {
  const batcher = new Batcher((calls: readonly Call<Item>[]) => {
    const items = calls.map(({ item }) => item);
    return inSpanOfAll(part, name, calls.map(({ span }) => span), () => run(items));
  }, limits);
  return (item, span) => batcher.add({ item, span }, NEVER);
}

interface Call<Item> {
  readonly item: Item;
  readonly span: Span | undefined;
}

const NEVER = new AbortController().signal;

interface StoreCall {
  readonly system: "mongodb" | "postgresql";
  readonly operation: string;
  readonly collection: string;
}
