import type pg from "pg";
import { activeTrace, fail, type Span, SpanKind, startSpan } from "../../telemetry/span.ts";
import { classify } from "./errors.ts";

/**
 * Lets the queries of a connection be seen in the trace of whoever asks: by operation and table, never by the text and
 * what it is asked with. https://opentelemetry.io/docs/specs/semconv/database/postgresql/
 */
export function traceQueries(client: pg.Client): void {
  const query = client.query;
  // pg takes text or an object, with or without values and a callback, and answers by the callback or by a promise.
  const traced = (...given: unknown[]): unknown => {
    const span = startQuery(given[0]);
    if (!span) return Reflect.apply(query, client, given);
    const callback = given.at(-1);
    if (typeof callback !== "function") {
      const answer: Promise<unknown> = Reflect.apply(query, client, given);
      answer.then(() => span.end(), (error) => endFailed(span, error));
      return answer;
    }
    const answered = (error: unknown, result: unknown) => {
      if (error) endFailed(span, error);
      else span.end();
      callback(error, result);
    };
    return Reflect.apply(query, client, [...given.slice(0, -1), answered]);
  };
  Object.defineProperty(client, "query", { value: traced });
}

/** `INSERT penduduk` of what writes, else `SELECT …` of the first table that is read, else the first word alone. */
export function summaryOf(text: string): QuerySummary {
  const [, write, into] =
    /(?<!\b(?:for|do) )\b(insert into|update|delete from)\s+([a-z_][\w.]*)/i.exec(text) ?? [];
  if (write !== undefined && into !== undefined) {
    return { operation: firstWord(write), collection: into };
  }
  const [, from] = /\bfrom\s+([a-z_][\w.]*)/i.exec(text) ?? [];
  const operation = firstWord(text.trimStart());
  return from === undefined || !/^(select|with)$/i.test(operation)
    ? { operation, collection: undefined }
    : { operation: "SELECT", collection: from };
}

function startQuery(query: unknown): Span | undefined {
  if (!activeTrace()) return undefined;
  const text = typeof query === "string" ? query : isConfig(query) ? query.text : undefined;
  // A cursor or stream of pg's has an end of its own.
  if (text === undefined) return undefined;
  const { operation, collection } = summaryOf(text);
  const summary = collection === undefined ? operation : `${operation} ${collection}`;
  return startSpan("postgresql", summary, {
    kind: SpanKind.CLIENT,
    attributes: {
      "db.system.name": "postgresql",
      "db.operation.name": operation,
      "db.query.summary": summary,
      ...(collection !== undefined && { "db.collection.name": collection }),
    },
  });
}

function isConfig(query: unknown): query is { readonly text: string } {
  return typeof query === "object" && query !== null && !("submit" in query) &&
    "text" in query && typeof query.text === "string";
}

function endFailed(span: Span, error: unknown): void {
  fail(span, classify(error).code);
  span.end();
}

function firstWord(text: string): string {
  return (/^[a-z]+/i.exec(text)?.[0] ?? "").toUpperCase();
}

interface QuerySummary {
  readonly operation: string;
  readonly collection: string | undefined;
}
