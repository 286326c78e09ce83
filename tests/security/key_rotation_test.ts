import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { generateKeys } from "../../shared/security/key_ring.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { eventually, startProcess, type TestProcess } from "../e2e/process.ts";
import { bulkToken, startSystem, type System } from "./system.ts";

const RESIDENTS = 8_000;

/** Every ring gets a new key and every row is rewritten while the whole system registers people. */
describe("Rotation of all keys under load", () => {
  let database: TestDatabase;
  let system: System;
  let folder: string;
  let env: Readonly<Record<string, string>>;
  before(async () => {
    database = await openTestDatabase();
    folder = await Deno.makeTempDir();
    const KEYS_FILE = join(folder, "keys.json");
    await Deno.writeTextFile(KEYS_FILE, generateKeys(new Date("2025-01-02")), { mode: 0o600 });
    env = { DATABASE_URL: database.url, KEYS_FILE };
    system = await startSystem(env);
  });
  after(async () => {
    await system.stop();
    await database.drop();
    await Deno.remove(folder, { recursive: true });
  });

  const keys = (...args: string[]): TestProcess =>
    startProcess("ops/tasks/keys.ts", { args, env: { ...env, DATA_DIR: folder, AUDIT_SINKS: "table" } });
  const done = async (...args: string[]) => {
    const command = keys(...args);
    assert.equal((await command.ended).code, 0, command.printed());
    return command.printed();
  };
  const count = async (from: string) =>
    (await database.pool.query<{ n: number }>(`select count(*)::int as n from ${from}`)).rows[0]?.n ?? 0;

  it("fails no request, loses and doubles nobody, and is killed and resumed in the middle", async () => {
    const load = startProcess("ops/tasks/simulate.ts", {
      args: ["--count", String(RESIDENTS), "--concurrency", "20", "--json", "--url", system.url],
    });
    await eventually("people are registered", async () => await count("penduduk") > 500, 30_000);

    const added = await done("add");
    const id = /Added key "([^"]+)" to ring "columns"/.exec(added)?.[1] ?? assert.fail("No key was added");
    for (const ring of ["columns", "events", "blindIndex"]) await done("activate", ring, id, "--now");
    const killed = keys("rotate", "--rate", "400");
    await eventually(
      "some rows are rewritten",
      async () => await count("key_rotation where rewritten > 0") > 0,
      60_000,
    );
    await killed.stop("SIGKILL");
    const halfway = await count(`penduduk where key_id <> '${id}'`);
    assert.ok(halfway > 0, "Nothing was left to be resumed");
    await done("rotate");

    assert.equal((await load.ended).code, 0, load.printed());
    const report = JSON.parse(load.printed().split("\n").findLast((line) => line.startsWith("{")) ?? "{}");
    assert.deepEqual([report.created, report.agrees, report.problems, report.retries], [
      RESIDENTS,
      true,
      [],
      {},
    ]);

    for (const table of ["penduduk", "sms_ledger", "sms_outbox", "officer"]) {
      assert.equal(await count(`${table} where key_id <> '${id}'`), 0, table);
    }
    assert.equal(await count(`penduduk where nik_index_key is distinct from '${id}'`), 0);
    assert.equal(await count("penduduk"), RESIDENTS);
    assert.equal(await count("(select distinct nik_index from penduduk) p"), RESIDENTS);
    Deno.stdout.writeSync(
      new TextEncoder().encode(
        `Rotation resumed with ${halfway} rows left; ${RESIDENTS} registered meanwhile\n`,
      ),
    );
  });

  it("leaves everybody readable, and every NIK known", async () => {
    const headers = {
      authorization: `Bearer ${await bulkToken(system)}`,
      "content-type": "application/json",
    };
    const { rows } = await database.pool.query<{ id: string }>(
      "select id from penduduk tablesample system (100) order by random() limit 50",
    );
    for (const { id } of rows) {
      const answer = await fetch(`${system.url}/penduduk/${id}`, { headers });
      assert.equal(answer.status, 200);
      const { nik, nama, alamat, kode } = await answer.json();
      assert.ok(/^\d{16}$/.test(nik));
      const again = await fetch(`${system.url}/penduduk`, {
        method: "POST",
        headers,
        body: new Blob([JSON.stringify({ nik, nama, alamat, provinsi: kode })]).stream(),
      });
      assert.equal(again.status, 409);
      await again.body?.cancel();
    }
  });
});
