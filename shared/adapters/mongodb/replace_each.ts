import { type Document, MongoError, type UpdateResult } from "mongodb";

/**
 * Replaces documents, each by what the expression makes of `$$ROOT` and, as `$$own`, of the values given for its `_id`.
 * `update` hands them to the server by one command: for each update of a bulk it would plan and journal anew. The driver
 * repeats no such command by itself when the connection breaks or another server becomes the primary, so that it is done
 * here, once: a document that was replaced must not be replaced again, or become the same.
 */
export async function replaceEach<Id extends string>(
  values: readonly Own<Id>[],
  by: Document,
  update: (ids: Id[], pipeline: Document[]) => Promise<UpdateResult>,
): Promise<void> {
  for (const turn of inTurns(values)) {
    const ids = turn.map(({ id }) => id);
    const place = { $indexOfArray: [{ $literal: ids }, "$_id"] };
    const own = { $arrayElemAt: [{ $literal: turn.map(({ own }) => own) }, place] };
    const replace = () => update(ids, [{ $replaceWith: { $let: { vars: { own }, in: by } } }]);
    await replace().catch((error) => error instanceof MongoError ? replace() : Promise.reject(error));
  }
}

/** As many as no id comes twice in; what comes for it later is in a later one. */
function inTurns<Id extends string>(values: readonly Own<Id>[]): readonly (readonly Own<Id>[])[] {
  const turns: Own<Id>[][] = [];
  const seen = new Map<Id, number>();
  for (const value of values) {
    const turn = seen.get(value.id) ?? 0;
    seen.set(value.id, turn + 1);
    (turns[turn] ??= []).push(value);
  }
  return turns;
}

interface Own<Id> {
  readonly id: Id;
  readonly own: Document;
}
