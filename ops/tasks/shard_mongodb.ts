import process from "node:process";
import { MongoServerError } from "mongodb";
import { openMongo } from "../../shared/adapters/mongodb/connect.ts";
import { shard, shardCommands } from "../../shared/adapters/mongodb/sharding.ts";
import { ConfigError, toConfig } from "../../shared/config/config.ts";
import { readEnvironment } from "../../shared/config/environment.ts";
import { Unusable } from "../../shared/resilience/reach.ts";
import type { Secret } from "../../shared/security/secret.ts";

/**
 * `deno task mongodb:shard [--dry-run]`: distributes the collections of MONGODB_URI over the shards of its cluster.
 * Run it once, before or after the first start, as a user with the role clusterManager. Answers the exit code.
 */
async function main(args: readonly string[]): Promise<number> {
  if (args.length === 1 && args[0] === "--dry-run") {
    for (const command of shardCommands(DATABASE)) say(`db.adminCommand(${JSON.stringify(command)})`);
    return 0;
  }
  if (args[0] === "--help") return say(USAGE);
  if (args.length > 0) return complain(USAGE);
  try {
    const { MONGODB_URI: uri } = toConfig(readEnvironment(), []);
    if (!uri) return complain("MONGODB_URI is not set: it names the cluster's mongos");
    return await shardCluster(uri);
  } catch (error) {
    if (error instanceof Unusable || error instanceof ConfigError) return complain(error.message);
    if (error instanceof MongoServerError) {
      return complain(`MongoDB refused with ${error.codeName}: ${error.message}`);
    }
    throw error;
  }
}

async function shardCluster(uri: Secret): Promise<number> {
  const mongo = await openMongo(uri, { database: DATABASE, withinMs: 20_000 });
  try {
    if (await shard(mongo) === "sharded") return say(`Database "${DATABASE}" is distributed over the shards`);
    return complain(
      "MONGODB_URI names no sharded cluster, so that there is nothing to distribute over: on a replica set all is in its place already",
    );
  } finally {
    await mongo.close();
  }
}

const DATABASE = "gov-stats";
const USAGE = `Usage: deno task mongodb:shard [--dry-run]
  Distributes the collections of MONGODB_URI over the shards of its cluster.
  --dry-run  only prints the commands, for mongosh`;

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function complain(sentence: string): number {
  process.stderr.write(`${sentence}\n`);
  return 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
