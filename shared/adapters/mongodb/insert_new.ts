import { type Collection, MongoBulkWriteError, type OptionalUnlessRequiredId } from "mongodb";

/**
 * Inserts the documents whose `_id` is new and answers the positions of the others. When it resolves, a majority has
 * all of them, the others included: a server that refuses a duplicate waits for what it holds.
 */
export async function insertNew<T extends { _id: string }>(
  collection: Collection<T>,
  documents: readonly OptionalUnlessRequiredId<T>[],
): Promise<ReadonlySet<number>> {
  try {
    await collection.insertMany(documents, { ordered: false });
    return new Set();
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) throw error;
    const refused = [error.writeErrors].flat();
    // Without one it failed as a whole.
    if (refused.length === 0 || refused.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
    return new Set(refused.map(({ index }) => index));
  }
}

// https://www.mongodb.com/docs/manual/reference/error-codes/
const DUPLICATE_KEY = 11000;
