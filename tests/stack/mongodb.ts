import { type Document, MongoServerError } from "mongodb";
import { type Mongo, type MongoOptions, openMongo } from "../../shared/adapters/mongodb/connect.ts";
import type { FieldEncryptionOptions } from "../../shared/adapters/mongodb/encryption/field_encryption.ts";
import { generateMasterKey, parseMasterKeys } from "../../shared/security/master_key.ts";
import { variable } from "./variables.ts";

/** A database of its own on the real server, which holds a key vault as well; call `drop` in `after`. */
export async function openTestMongo(uri = variable("MONGODB_URI")): Promise<TestMongo> {
  const name = `test_${crypto.randomUUID()}`;
  const open = (options: MongoOptions = {}) =>
    openMongo(uri, { database: name, keyVault: name, appName: name, ...options });
  const mongo = await open();
  const masterKeys = parseMasterKeys(generateMasterKey());
  return {
    name,
    mongo,
    open,
    encryption: { masterKeys: () => Promise.resolve(masterKeys) },
    async drop() {
      await mongo.db.dropDatabase();
      await mongo.close();
    },
  };
}

export interface TestMongo {
  /** Of the database, and of the connections that `open` makes unless told. */
  readonly name: string;
  readonly mongo: Mongo;
  /** Connects to the same database again, as another process does; the caller closes it. */
  open(options?: MongoOptions): Promise<Mongo>;
  /** By a master key of its own. */
  readonly encryption: FieldEncryptionOptions;
  drop(): Promise<void>;
}

/**
 * Lets the server fail commands of the connections with this name on purpose while `work` runs. `failure` is the data
 * of mongod's fail point "failCommand", which it has when started with `--setParameter enableTestCommands=1`.
 */
export async function whileFailing<T>(
  { db }: Mongo,
  { mode = "alwaysOn", ...data }: Failure & { readonly appName: string },
  work: () => Promise<T>,
): Promise<T> {
  const set = (fields: Document) => db.admin().command({ configureFailPoint: "failCommand", ...fields });
  try {
    await set({ mode, data });
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== COMMAND_NOT_FOUND) throw error;
    throw new Error("Cannot make MongoDB fail: start it with --setParameter enableTestCommands=1", {
      cause: error,
    });
  }
  try {
    return await work();
  } finally {
    await set({ mode: "off" });
  }
}

export interface Failure {
  readonly mode?: "alwaysOn" | { readonly times: number };
  readonly failCommands: readonly string[];
  readonly closeConnection?: true;
  readonly errorCode?: number;
  readonly writeConcernError?: { readonly code: number; readonly errmsg: string };
}

const COMMAND_NOT_FOUND = 59;
