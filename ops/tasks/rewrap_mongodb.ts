import process from "node:process";
import { openMongo } from "../../shared/adapters/mongodb/connect.ts";
import { rewrap, type RewrapOutcome } from "../../shared/adapters/mongodb/encryption/rewrap.ts";
import { ConfigError, toConfig } from "../../shared/config/config.ts";
import { readEnvironment } from "../../shared/config/environment.ts";
import { openMasterKeyFile } from "../../shared/config/master_key_file.ts";
import { Unusable } from "../../shared/resilience/reach.ts";
import type { MasterKeys } from "../../shared/security/master_key.ts";
import type { Secret } from "../../shared/security/secret.ts";

/**
 * `deno task mongodb:rewrap [--dry-run]`: puts the data keys of MongoDB's fields under the first master key of
 * MONGODB_MASTER_KEY_FILE, while everything runs. Answers the exit code: 1 when a data key is not under it afterwards.
 */
async function main(args: readonly string[]): Promise<number> {
  const dryRun = args[0] === "--dry-run";
  if (args[0] === "--help") return say(USAGE);
  if (args.length > (dryRun ? 1 : 0)) return complain(USAGE);
  try {
    const config = toConfig(readEnvironment(), []);
    if (!config.MONGODB_URI) return complain("MONGODB_URI is not set: it names the server of the key vault");
    return await rewrapAll(config.MONGODB_URI, openMasterKeyFile(config)(), dryRun);
  } catch (error) {
    if (error instanceof Unusable || error instanceof ConfigError) return complain(error.message);
    throw error;
  }
}

async function rewrapAll(uri: Secret, masterKeys: MasterKeys, dryRun: boolean): Promise<number> {
  const mongo = await openMongo(uri, { appName: "rewrap", withinMs: 20_000 });
  try {
    const total = await mongo.keyVault.countDocuments();
    let done = 0;
    let left = 0;
    for await (const { id, names, outcome } of rewrap(mongo.keyVault, masterKeys, { dryRun })) {
      say(`${++done} of ${total}: data key ${id} (${names.join(", ")}) ${SENTENCES[outcome]}`);
      if (outcome === "not opened" || outcome === "changed meanwhile") left++;
    }
    if (left > 0) {
      return complain(`${left} of ${total} data keys are not under the first master key: keep the others`);
    }
    if (dryRun) return say("Nothing was changed");
    return say(
      "All data keys are under the first master key: once every process has read it, the others may leave the file",
    );
  } finally {
    await mongo.close();
  }
}

const SENTENCES: Readonly<Record<RewrapOutcome, string>> = {
  "rewrapped": "was put under the first master key",
  "to be rewrapped": "would be put under the first master key",
  "current": "is under the first master key",
  "not opened": "is opened by none of the master keys",
  "changed meanwhile": "was changed by another process meanwhile: run this again",
};

const USAGE = `Usage: deno task mongodb:rewrap [--dry-run]
  Puts the data keys of MongoDB's fields under the first master key of MONGODB_MASTER_KEY_FILE.
  --dry-run  only tells what would be done`;

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function complain(sentence: string): number {
  process.stderr.write(`${sentence}\n`);
  return 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
