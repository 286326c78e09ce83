import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { MongoClient } from "mongodb";
import { Redis } from "ioredis";
// @ts-types="@types/pg"
import pg from "pg";
import { stackVariables } from "../../shared/config/stack_file.ts";
import { openKafkaEventLog } from "../../shared/adapters/kafka/event_log.ts";
import { eventually, freePort, startProcess, type TestProcess, waitUntilReady } from "../e2e/process.ts";
import { PENDUDUK } from "../fixtures.ts";
import { type Find, findInFiles } from "./raw_search.ts";
import { deleteAll } from "../stack/stack_kafka.ts";

// Absolute, because tests beside this one change the folder of the whole process for moments.
const STACK = resolve(import.meta.dirname ?? "", "../..", Deno.env.get("STACK_DIR") ?? ".stack");
const VARIABLES = await stackVariables(Deno.env.toObject());

function variable(name: string): string {
  return VARIABLES[name] ?? assert.fail(`The stack has no ${name}`);
}

/** Every byte that the real servers and the embedded one keep of people, and every line that anybody logs. */
describe("Data at rest", () => {
  const person = somebody();
  let folder: string;
  before(async () => {
    folder = await Deno.makeTempDir();
  });
  after(() => Deno.remove(folder, { recursive: true }));

  describe("on the real servers", () => {
    let system: Running;
    before(async () => {
      system = await start(["--stack"], { DATA_DIR: Deno.env.get("DATA_DIR") ?? ".data" });
      await goTheWholeWay(system, person, variable("GOV_PETUGAS_PASSWORD"), variable("GOV_ADMIN_PASSWORD"));
      for (const flush of Object.values(STORES)) await flush();
      await keep(system, folder);
    });
    after(async () => {
      await system.process.stop();
      await clearStores();
    });

    for (const store of Object.keys(STORES)) {
      it(`holds nothing personal in the files of ${store}, where the search finds what is there in clear`, () => {
        assertNobody(join(STACK, "data", store), { marked: true });
      });
    }

    it("sees what is in clear in PostgreSQL's tables and in its log of changes", () => {
      for (const part of ["base", "pg_wal"]) {
        const finds = findInFiles(join(STACK, "data/postgres/cluster", part), { marker: MARKER });
        assert.notEqual(finds.length, 0, part);
      }
    });

    for (const { name } of Deno.readDirSync(join(STACK, "data"))) {
      if (name in STORES) continue;
      it(`holds nothing personal in the files of ${name}`, () => assertNobody(join(STACK, "data", name)));
    }

    it("tells nobody in any log of the servers, nor in what the system printed", () => {
      assertNobody(join(STACK, "logs"));
      assertNobody(folder);
      assert.notDeepEqual(
        findInFiles(folder, { printed: "kependudukan" }),
        [],
        "Nothing was printed to search",
      );
    });
  });

  describe("of `deno task dev`", () => {
    let dataDir: string;
    let system: Running;
    before(async () => {
      dataDir = await Deno.makeTempDir();
      // What leads to the stack is taken away: each port has its embedded adapter.
      const env = Object.fromEntries(STACK_VARIABLES.map((name) => [name, ""]));
      system = await start([], { ...env, DATA_DIR: dataDir });
      await goTheWholeWay(system, person, "petugas-rahasia", "admin-rahasia");
      const pid = await Deno.readTextFile(join(dataDir, "postgres/cluster/postmaster.pid"));
      const password = await Deno.readTextFile(join(dataDir, "postgres/password"));
      await plantInPostgres(
        `postgres://kependudukan:${password}@127.0.0.1:${pid.split("\n")[3]}/kependudukan`,
      );
      await keep(system, folder);
    });
    after(async () => {
      await system.process.stop();
      await Deno.remove(dataDir, { recursive: true });
    });

    it("holds nothing personal in any file of the data folder, where the search finds what is there in clear", () => {
      assertNobody(dataDir, { marked: true });
    });

    it("tells nobody in what it printed", () => assertNobody(folder));
  });

  function assertNobody(files: string, { marked = false } = {}): void {
    const finds = findInFiles(files, { ...person, marker: MARKER });
    const open = finds.filter(({ what }) => what !== "marker");
    assert.deepEqual(open.map(toSentence), []);
    if (marked) assert.notEqual(finds.length, 0, "The search does not see what is kept here");
  }
});

function toSentence({ what, writing, file }: Find): string {
  return `${what} lies open as ${writing} in ${file}`;
}

/** A clear text, put into each store the same way as people are. */
const MARKER = `Penanda ${crypto.randomUUID()}`;

const KAFKA = {
  brokers: variable("KAFKA_BROKERS").split(","),
  replication: Number(variable("KAFKA_REPLICATION")),
  minInsync: Number(variable("KAFKA_MIN_INSYNC")),
  prefix: `penanda-${crypto.randomUUID()}.`,
};

/** By the folder of the store: plants the marker and has all written down that is still in memory. */
const STORES: Readonly<Record<string, () => Promise<void>>> = {
  postgres: () => plantInPostgres(variable("DATABASE_URL")),
  async kafka() {
    const log = await openKafkaEventLog({ ...KAFKA, partitions: 1 });
    const value = new TextEncoder().encode(MARKER);
    await log.publish("pendaftaran-events", [{ key: null, value, headers: [] }], AbortSignal.timeout(30_000));
    await log.close();
  },
  async mongodb() {
    const client = await MongoClient.connect(variable("MONGODB_URI"));
    const collection = client.db("penanda").collection("penanda");
    await collection.insertOne({ text: MARKER }, { writeConcern: { w: 1, j: true } });
    await client.db("admin").command({ fsync: 1 });
    await client.close();
  },
  async redis() {
    const client = new Redis(variable("REDIS_URL"));
    await client.set("penanda", MARKER, "EX", 600);
    // It keeps nothing unless told: what it would write down is all that it holds.
    await client.save();
    client.disconnect();
  },
};

/** Takes the markers away again. */
async function clearStores(): Promise<void> {
  await inPostgres(variable("DATABASE_URL"), "drop table penanda");
  await deleteAll(KAFKA);
  const client = await MongoClient.connect(variable("MONGODB_URI"));
  await client.db("penanda").dropDatabase();
  await client.close();
  await Deno.remove(join(STACK, "data/redis/dump.rdb"));
}

async function plantInPostgres(url: string): Promise<void> {
  await inPostgres(
    url,
    "create table if not exists penanda (text text)",
    `insert into penanda values ('${MARKER}')`,
    "checkpoint",
    "select pg_switch_wal()",
  );
}

async function inPostgres(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** Somebody new in each run, so that nobody else's test can have left them behind; the phone is the officer's. */
function somebody(): Readonly<Record<"nik" | "nama" | "alamat" | "telepon", string>> {
  const random = (least: number, span: number) =>
    String(least + Math.floor(Math.random() * span)).padStart(2, "0");
  const letters = Array.from({ length: 10 }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26)))
    .join("");
  return {
    nik: `32${random(1, 78)}${random(1, 50)}${random(1, 28)}${random(1, 12)}${random(40, 50)}999${
      random(0, 9).slice(-1)
    }`,
    nama: `${PENDUDUK[0].nama} ${letters}`,
    alamat: `${PENDUDUK[0].alamat} Blok ${letters.toUpperCase()}`,
    telepon: "62800000032",
  };
}

/** Registers, is refused for wrong and repeated data, reads, and waits until statistics and SMS are through. */
async function goTheWholeWay(
  { url }: Running,
  { nik, nama, alamat }: ReturnType<typeof somebody>,
  petugasPassword: string,
  adminPassword: string,
): Promise<void> {
  const petugas = await signIn(url, "petugas", petugasPassword);
  const admin = await signIn(url, "admin", adminPassword);
  const send = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${url}/penduduk`, {
      method: "POST",
      headers: { ...petugas, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const whole = { nik, nama, alamat, provinsi: "Jawa Barat" };
  const registered = await send(whole, { "idempotency-key": nik });
  assert.equal(registered.status, 201);
  const { id } = await registered.json();
  for (
    const [body, status, headers] of [
      [whole, 409],
      [whole, 201, { "idempotency-key": nik }],
      [{ ...whole, alamat: nama }, 422, { "idempotency-key": nik }],
      [{ ...whole, provinsi: nama }, 400],
      [{ ...whole, nik: `${nik}0` }, 400],
      [{ ...whole, [nama]: alamat }, 400],
    ] as const
  ) {
    const answer = await send(body, headers);
    assert.equal(answer.status, status);
    await answer.body?.cancel();
  }
  for (const headers of [petugas, admin]) {
    const answer = await fetch(`${url}/penduduk/${id}`, { headers });
    assert.equal(answer.status, 200);
    await answer.body?.cancel();
  }
  await eventually("the SMS of this person is sent", async () => {
    const sms: { body: string; state: string }[] =
      await (await fetch(`${url}/sms?limit=50`, { headers: admin })).json();
    return sms.some(({ body, state }) => body.includes(nama) && state === "sent");
  }, 60_000);
}

async function signIn(url: string, username: string, password: string): Promise<{ authorization: string }> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/login`, {
    method: "POST",
    headers,
    body: JSON.stringify({ username, password }),
  });
  assert.equal(answer.status, 200);
  return { authorization: `Bearer ${(await answer.json()).access_token}` };
}

async function start(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Running> {
  const port = await freePort();
  const process = startProcess("ops/tasks/dev.ts", {
    args,
    env: { ...env, PORT: String(port), LOG_LEVEL: "debug" },
  });
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(`${url}/readyz`, process);
  return { url, process };
}

/** What the process printed, as a file to search. */
async function keep({ process }: Running, folder: string): Promise<void> {
  await Deno.writeTextFile(join(folder, `${process.pid}.log`), process.printed());
}

interface Running {
  readonly url: string;
  readonly process: TestProcess;
}

const STACK_VARIABLES = [
  ...["DATABASE_URL", "KAFKA_BROKERS", "MONGODB_URI", "REDIS_URL", "UPSTASH_REDIS_REST_URL", "KEYCLOAK_URL"],
  "TWILIO_ACCOUNT_SID",
];
