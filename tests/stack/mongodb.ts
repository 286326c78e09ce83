import { type Mongo, type MongoOptions, openMongo } from "../../shared/adapters/mongodb/connect.ts";
import { variable } from "./variables.ts";

/** A database of its own on the real server, made at the first write; call `drop` in `after`. */
export async function openTestMongo(options: MongoOptions = {}): Promise<TestMongo> {
  const uri = variable("MONGODB_URI");
  const database = `test_${crypto.randomUUID()}`;
  const open = (more: MongoOptions = {}) => openMongo(uri, { database, ...options, ...more });
  const mongo = await open();
  return {
    mongo,
    open,
    async drop() {
      await mongo.db.dropDatabase();
      await mongo.close();
    },
  };
}

export interface TestMongo {
  readonly mongo: Mongo;
  /** Connects anew to the same database, as another process does; the caller closes it. */
  open(options?: MongoOptions): Promise<Mongo>;
  drop(): Promise<void>;
}
