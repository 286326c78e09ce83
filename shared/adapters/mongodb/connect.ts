import { getLogger } from "@logtape/logtape";
import {
  type DataKey,
  type Db,
  MongoClient,
  ReadConcern,
  type TopologyDescription,
  WriteConcern,
} from "mongodb";
import { untilAborted } from "../../resilience/until_aborted.ts";
import { reach, Unusable } from "../../resilience/reach.ts";
import { type Secret, toSecret } from "../../security/secret.ts";
import type { KeyVault } from "./encryption/key_vault.ts";
import { explain, explainTopology, unusable, VARIABLE } from "./faults.ts";

/**
 * The database behind MONGODB_URI, reached within `withinMs`. Whatever the URI says, a write is there only once a
 * majority of the replica set has it on disk, and a read sees nothing less. Every wait has a deadline. Rejects with
 * `Unusable`; neither the error nor a log line quotes the URI, for it holds the password. Connections that are made after
 * the URI has changed log in as it says then.
 */
export function openMongo(uri: Secret | string, options: MongoOptions = {}): Promise<Mongo> {
  const {
    database = "gov-stats",
    keyVault = "encryption",
    appName = "kependudukan",
    withinMs = 60_000,
    signal,
  } = options;
  const target = { variable: VARIABLE, server: "MongoDB", explain, withinMs, ...(signal && { signal }) };
  return reach(target, async (attempt) => {
    const client = createClient(toSecret(uri), appName, Math.min(SELECT_MS, withinMs / 2));
    const clock = followClock(client);
    const concerns = { writeConcern: BY_MAJORITY, readConcern: OF_MAJORITY };
    const db = client.db(database, concerns);
    await connect(client, db, attempt);
    tellOfThePrimary(client);
    return {
      db,
      keyVault: client.db(keyVault, concerns).collection<DataKey>("__keyVault"),
      now: () => Date.now() + clock.aheadMs,
      async check(signal) {
        // While it looks for a server, the driver does not always hear the signal (one time in 25 it went on for 5 s).
        await untilAborted(db.command({ ping: 1 }, { signal }), signal);
      },
      async close() {
        client.removeAllListeners();
        await client.close();
      },
    };
  });
}

export interface Mongo {
  readonly db: Db;
  readonly keyVault: KeyVault;
  /** Unix milliseconds by the clock of the primary: what several processes compare must be measured by one clock. */
  now(): number;
  /** Rejects with the reason when the primary does not answer before the signal aborts. */
  check(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface MongoOptions {
  /** "gov-stats" unless told. */
  readonly database?: string;
  /** The database of the key vault: "encryption" unless told, as the official drivers propose. */
  readonly keyVault?: string;
  /** What the server calls this client. */
  readonly appName?: string;
  /** 60 s unless told. */
  readonly withinMs?: number;
  readonly signal?: AbortSignal;
}

function createClient(secret: Secret, appName: string, selectMs: number): MongoClient {
  const uri = secret.value();
  demandReadable(uri);
  const client = new MongoClient(uri, {
    appName,
    maxPoolSize: 20,
    serverSelectionTimeoutMS: selectMs,
    // Shorter than the selection, which otherwise ends without a reason.
    connectTimeoutMS: selectMs / 2,
    // Shorter than the selection too, so that a primary that is back is seen within it.
    heartbeatFrequencyMS: 2_500,
    socketTimeoutMS: ANSWER_MS,
    waitQueueTimeoutMS: 10_000,
    readPreference: "primary",
  });
  followPassword(client, secret);
  return client;
}

/**
 * The driver keeps the credentials that it read from the URI, and asks them for user and password whenever it logs in:
 * here they answer with what the URI says then.
 */
function followPassword({ options }: MongoClient, secret: Secret): void {
  if (!options.credentials) return;
  const now = () => new MongoClient(secret.value()).options.credentials;
  const credentials = Object.create(options.credentials, {
    username: { get: () => now()?.username },
    password: { get: () => now()?.password },
  });
  Object.defineProperty(options, "credentials", { value: credentials, enumerable: true });
}

function demandReadable(uri: string): void {
  try {
    new MongoClient(uri);
  } catch {
    // Without its cause, whose message may quote the URI.
    throw new Unusable(VARIABLE, "is not a connection string that the MongoDB driver can read");
  }
}

async function connect(client: MongoClient, db: Db, signal: AbortSignal): Promise<void> {
  const stop = () => void client.close();
  signal.addEventListener("abort", stop, { once: true });
  try {
    await client.connect();
    await demandMajority(db);
    signal.throwIfAborted();
  } catch (error) {
    await client.close();
    signal.throwIfAborted();
    throw unusable(error, db.databaseName) ?? error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** A lone mongod takes "majority" for itself; a replica set that has lost its majority shows it at a write only. */
async function demandMajority(db: Db): Promise<void> {
  const { setName, msg, maxWireVersion } = await db.admin().command({ hello: 1 });
  if (maxWireVersion < VERSION_8) throw new Unusable(VARIABLE, "names a MongoDB older than 8.0");
  if (setName === undefined && msg !== "isdbgrid") {
    throw new Unusable(
      VARIABLE,
      "names a MongoDB that is no replica set, so that no majority can keep what is written: start mongod with --replSet, then run rs.initiate()",
    );
  }
  const starts = db.collection<{ _id: string }>("starts");
  await starts.updateOne({ _id: "last" }, { $currentDate: { at: true } }, {
    upsert: true,
    writeConcern: { w: "majority", journal: true, wtimeoutMS: SELECT_MS },
  });
}

/** How far the primary's clock is ahead of ours, by what it says in its heartbeats. */
function followClock(client: MongoClient): { readonly aheadMs: number } {
  const clock = { aheadMs: 0 };
  const seen: number[] = [];
  client.on("serverHeartbeatSucceeded", ({ reply: { localTime, isWritablePrimary } }) => {
    if (isWritablePrimary !== true || !(localTime instanceof Date)) return;
    seen.push(localTime.getTime() - Date.now());
    if (seen.length > HEARTBEATS) seen.shift();
    // A reply that comes late makes the clock look slow, never fast.
    clock.aheadMs = Math.max(...seen);
  });
  return clock;
}

function tellOfThePrimary(client: MongoClient): void {
  client.on("topologyDescriptionChanged", ({ previousDescription, newDescription }) => {
    const [before, after] = [hasPrimary(previousDescription), hasPrimary(newDescription)];
    if (before && !after) {
      log.warn("Lost the primary of MongoDB: {reason}", { reason: explainTopology(newDescription) });
    }
    if (!before && after) log.info("Found a primary of MongoDB");
  });
}

function hasPrimary({ servers }: TopologyDescription): boolean {
  return [...servers.values()].some(({ isWritable }) => isWritable);
}

/** Given to the database or the call, for what is given to the client would be mixed with what the URI says. */
export const BY_MAJORITY = new WriteConcern("majority", 20_000, true);
const OF_MAJORITY = new ReadConcern("majority");

/** The longest time to find a primary, for one call. An election takes longer: the caller tries again. */
const SELECT_MS = 5_000;
/** Longer than the server waits for a majority, so that its answer comes first. */
const ANSWER_MS = 30_000;

/** Wire version of the first MongoDB that tells the outcome of each update of a bulk write. */
const VERSION_8 = 25;

/** Looked back on to know the clock: a minute of them. */
const HEARTBEATS = 24;

const log = getLogger(["kependudukan", "mongodb"]);
