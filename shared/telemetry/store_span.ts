import { inSpan, type Part, type Span, SpanKind } from "./span.ts";

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

interface StoreCall {
  readonly system: "mongodb" | "postgresql";
  readonly operation: string;
  readonly collection: string;
}
