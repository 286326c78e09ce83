import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { backUp } from "../../ops/tasks/backup/copy.ts";
import { type EmbeddedPostgres, startPostgres } from "../../shared/adapters/embedded/postgres_server.ts";
import { openPool } from "../../shared/adapters/postgres/pool.ts";
import { signIn } from "../e2e/client.ts";
import { eventually, freePort, startProcess, type TestProcess, waitUntilReady } from "../e2e/process.ts";
import { PENDUDUK } from "../fixtures.ts";
import { makeDatabaseFolder } from "../run/memory.ts";
import { type OwnKafka, startOwnKafka } from "./own_kafka.ts";
import { type OwnMongo, startOwnMongo } from "./own_mongodb.ts";

/** As Barman does it: a base backup, the archived log, and a target time. The order is that of ops/backup.md. */
describe("A registry that is set back to an earlier point, with Kafka and MongoDB ahead of it", () => {
  let folder = "";
  let archive = "";
  let kafka: OwnKafka;
  let mongo: OwnMongo;
  let postgres: EmbeddedPostgres;
  let system: TestProcess | undefined;
  let url = "";

  before(async () => {
    folder = await makeDatabaseFolder();
    archive = await Deno.makeTempDir();
    postgres = await startPostgres({
      dataDir: join(folder, "before"),
      settings: { archive_mode: "on", archive_command: `cp %p ${archive}/%f` },
    });
    // The server runs as an account of its own where this is root.
    const { uid, gid } = await Deno.stat(join(folder, "before/cluster"));
    await Deno.chown(archive, uid, gid);
    [kafka, mongo] = await Promise.all([startOwnKafka(1), startOwnMongo()]);
    url = `http://127.0.0.1:${await freePort()}`;
  });
  after(async () => {
    await system?.stop();
    await Promise.all([kafka?.stop(), mongo?.stop(), postgres?.stop()]);
    for (const made of [folder, archive]) await Deno.remove(made, { recursive: true });
  });

  const environment = () => ({
    ...{ REDIS_URL: "", UPSTASH_REDIS_REST_URL: "", KEYCLOAK_URL: "", TWILIO_ACCOUNT_SID: "" },
    ...{ PORT: new URL(url).port, DATA_DIR: folder, AUDIT_SINKS: "table", DATABASE_URL: postgres.url },
    ...{ KAFKA_BROKERS: kafka.brokers.join(), KAFKA_REPLICATION: "1", KAFKA_MIN_INSYNC: "1" },
    ...mongo.variables,
  });

  async function start(): Promise<void> {
    system = startProcess("ops/tasks/dev.ts", { env: environment() });
    await waitUntilReady(`${url}/readyz`, system);
  }

  async function stop(): Promise<void> {
    await system?.stop();
    system = undefined;
  }

  async function register(count: number): Promise<void> {
    const load = startProcess("ops/tasks/simulate.ts", { args: ["--count", String(count), "--url", url] });
    assert.equal((await load.ended).code, 0, "registry, events, statistics and SMS must agree");
  }

  async function statistics(...args: readonly string[]) {
    const task = startProcess("ops/tasks/statistics.ts", { args, env: environment() });
    const { code } = await task.ended;
    return { code, printed: task.printed() };
  }

  async function ask<T>(statement: string): Promise<T[]> {
    const pool = openPool(postgres.url, { max: 1, name: "test" });
    try {
      return (await pool.query<T & Record<string, unknown>>(statement)).rows;
    } finally {
      await pool.end();
    }
  }

  async function archived(): Promise<void> {
    const [row] = await ask<{ file: string }>("select pg_walfile_name(pg_switch_wal()) as file");
    await eventually("the log is in the archive", async () => {
      const names = await Array.fromAsync(Deno.readDir(archive), ({ name }) => name);
      return names.includes(row?.file ?? "");
    }, 60_000);
  }

  it("is told by reconcile, healed by rebuild, and goes on counting right", async () => {
    await start();
    await register(20);
    const pool = openPool(postgres.adminUrl, { max: 1, name: "backup" });
    await backUp({ pool, from: join(folder, "before"), to: join(folder, "after") });
    await pool.end();
    await register(10);
    const [point] = await ask<{ at: string }>("select clock_timestamp()::text as at");
    await register(15);
    assert.equal((await statistics("reconcile")).code, 0);
    await stop();
    await archived();
    await postgres.stop();

    await Deno.writeTextFile(join(folder, "after/cluster/recovery.signal"), "");
    postgres = await startPostgres({
      dataDir: join(folder, "after"),
      settings: {
        restore_command: `cp ${archive}/%f %p`,
        recovery_target_time: point?.at ?? "",
        recovery_target_action: "promote",
        // Nobody may look before the target is reached.
        hot_standby: "off",
      },
    });
    assert.deepEqual(await ask("select count(*)::int as people from penduduk"), [{ people: 30 }]);

    const told = await statistics("reconcile", "--wait", "5");
    assert.equal(told.code, 1);
    assert.equal(differenceIn(told.printed), 15);
    assert.equal((await statistics("rebuild")).code, 0);
    const healed = await statistics("reconcile", "--wait", "5");
    assert.match(healed.printed, /^Registry and statistics agree in every province$/m);
    assert.equal(healed.code, 0);

    await start();
    assert.equal((await (await signIn(url, "petugas")).post("/penduduk", PENDUDUK[0])).status, 201);
    const counted = await statistics("reconcile");
    assert.match(counted.printed, /^Registry and statistics agree in every province$/m);
    assert.equal(counted.code, 0);
  });
});

/** The sum of the last column. */
function differenceIn(table: string): number {
  return [...table.matchAll(/^\d\d .* ([+-]\d+)$/gm)].reduce((sum, [, off = ""]) => sum + Number(off), 0);
}
