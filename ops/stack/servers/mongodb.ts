import { existsSync } from "node:fs";
import { join } from "node:path";
import { MongoClient, MongoServerError } from "mongodb";
import { generateMasterKey } from "../../../shared/security/master_key.ts";
import type { Place, StackServer } from "../server.ts";

/**
 * SecantusDB, which stands in for mongod, found in no package registry: it speaks MongoDB's wire protocol, as a
 * replica set of one member, and keeps its data in MongoDB's storage engine. `MONGODB_URI` takes a true one as well.
 */
export const mongodb: StackServer = {
  name: "mongodb",
  tools: [
    {
      command: "python3",
      // Fails where Debian's python3-venv is missing.
      versionArgs: ["-c", "import sys, venv, ensurepip; print(sys.version)"],
      installWith: "apt-get install -y python3 python3-venv",
    },
  ],
  ports: { client: 27017 },

  async install(place) {
    await makeMasterKey(place);
    if (await isInstalled(place)) return;
    place.say("Fetching SecantusDB with pip (24 MB)");
    await place.run("python3", ["-m", "venv", "--clear", venv(place)]);
    await place.run(program(place, "pip"), ["install", "--no-input", "--disable-pip-version-check", PACKAGE]);
    await Deno.writeTextFile(installedMark(place), PACKAGE);
  },

  async processes(place) {
    await makeUser(place);
    return [{
      name: "mongodb",
      command: program(place, "secantusd-py"),
      args: [
        ...["--host", "127.0.0.1", "--port", `${place.ports.client}`, "--auth"],
        ...["--storage-path", database(place), "--cache-size", "256M", "--log-level", "WARNING"],
        // Its command "bulkWrite" forgets the write concern's j, and what was answered is lost at a kill -9.
        "--sync-on-commit",
        // Lets tests make it fail on purpose; only who has the password can.
        "--enable-test-commands",
      ],
    }];
  },

  async ready(place, signal) {
    const client = new MongoClient(uri(place), { serverSelectionTimeoutMS: 2_000 });
    try {
      await client.connect();
      await client.db("admin").command({ ping: 1 }, { signal });
      return true;
    } catch (error) {
      if (error instanceof MongoServerError) throw error;
      return false;
    } finally {
      await client.close();
    }
  },

  variables: (place) => ({ MONGODB_URI: uri(place), MONGODB_MASTER_KEY_FILE: masterKey(place) }),
};

async function isInstalled(place: Place): Promise<boolean> {
  const mark = installedMark(place);
  return existsSync(mark) && await Deno.readTextFile(mark) === PACKAGE;
}

/** Beside the data, which nobody reads without it. */
async function makeMasterKey(place: Place): Promise<void> {
  if (existsSync(masterKey(place))) return;
  await Deno.writeTextFile(masterKey(place), generateMasterKey(), { mode: 0o600 });
}

/** SecantusDB takes the first user only while it asks nobody for a password: on a port that nobody knows. */
async function makeUser(place: Place): Promise<void> {
  const mark = join(place.data, "user");
  if (existsSync(mark)) return;
  await place.run(program(place, "python"), ["-c", MAKE_USER, database(place), USER, PASSWORD]);
  await Deno.writeTextFile(mark, USER);
}

const MAKE_USER = `
import sys
from pymongo import MongoClient
from secantus import SecantusDBServer
path, user, password = sys.argv[1:]
server = SecantusDBServer(host="127.0.0.1", port=0, storage_path=path)
server.start()
admin = MongoClient(server.uri).admin
if not admin.command("usersInfo", user)["users"]:
    admin.command("createUser", user, pwd=password, roles=["root"])
server.stop()
`;

const USER = "kependudukan";
const PASSWORD = "mongodb-rahasia";

const PACKAGE = "secantusdb==0.7.0b3";

function uri({ ports }: Place): string {
  return `mongodb://${USER}:${PASSWORD}@127.0.0.1:${ports.client}/?authSource=admin`;
}

function masterKey({ data }: Place): string {
  return join(data, "master-key");
}

function database({ data }: Place): string {
  return join(data, "secantusdb");
}

function venv({ programs }: Place): string {
  return join(programs, "venv");
}

function program(place: Place, name: string): string {
  return join(venv(place), "bin", name);
}

/** Written last, so that an installation that was interrupted begins again. */
function installedMark(place: Place): string {
  return join(venv(place), "installed");
}
