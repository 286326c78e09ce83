import type { Document } from "mongodb";
import type { Mongo } from "./connect.ts";
import { LEDGER } from "./event_ledger.ts";
import { PROVINCES } from "./province_counters.ts";
import { MESSAGES } from "./sms_ledger.ts";

/**
 * How the collections lie on the shards of a cluster. Every write names the `_id`, and so reaches one shard; and no
 * other key would let a cluster keep the `_id` unique, on which the ledgers rest. The officers are few: they stay on
 * one shard.
 */
export const SHARD_KEYS: readonly ShardKey[] = [
  // The `_id` is the province's code.
  { collection: PROVINCES, key: { _id: 1 } },
  // Ids of events rise with time: unhashed, all new ones would go to the last shard.
  { collection: LEDGER, key: { _id: "hashed" } },
  { collection: MESSAGES, key: { _id: "hashed" } },
];

/** The commands that do it, for the database "admin". */
export function shardCommands(database: string): readonly Document[] {
  return [
    { enableSharding: database },
    ...SHARD_KEYS.map(({ collection, key }) => ({ shardCollection: `${database}.${collection}`, key })),
  ];
}

/**
 * Distributes the collections over the shards; what is distributed already stays. Answers "no cluster" and changes
 * nothing when the server is not a mongos, which leads a cluster. Rejects with the driver's error, for instance when
 * a collection has another key.
 */
export async function shard({ db }: Mongo): Promise<"sharded" | "no cluster"> {
  const { msg } = await db.admin().command({ hello: 1 });
  if (msg !== "isdbgrid") return "no cluster";
  for (const { collection, key } of SHARD_KEYS) {
    // A collection that holds something must have the index already; that of the plain `_id` always exists.
    if (key._id === "hashed") await db.collection(collection).createIndex(key);
  }
  for (const command of shardCommands(db.databaseName)) await db.admin().command(command);
  return "sharded";
}

interface ShardKey {
  readonly collection: string;
  readonly key: { readonly _id: 1 | "hashed" };
}
