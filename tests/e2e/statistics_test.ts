import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runningPostgres } from "../../shared/adapters/embedded/postgres_server/running.ts";
import { openPool, type Pool } from "../../shared/adapters/postgres/pool.ts";
import { makeDatabaseFolder } from "../run/memory.ts";
import { freePort, startProcess, type TestProcess, waitUntilReady } from "./process.ts";

describe("deno task statistics beside a running system", () => {
  let dataDir = "";
  let port = 0;
  let system: TestProcess;
  let pool: Pool;

  before(async () => {
    dataDir = await makeDatabaseFolder();
    port = await freePort();
    system = startProcess("ops/tasks/dev.ts", { env: { PORT: String(port), DATA_DIR: dataDir } });
    await waitUntilReady(`http://127.0.0.1:${port}/readyz`, system);
    const url = await runningPostgres(join(dataDir, "postgres")) ?? assert.fail("Find no database");
    pool = openPool(url, { max: 1, name: "test" });
  });
  after(async () => {
    await pool.end();
    await system.stop();
    await Deno.remove(dataDir, { recursive: true });
  });

  const task = (...args: readonly string[]) =>
    startProcess("ops/tasks/statistics.ts", { args, env: { DATA_DIR: dataDir } });
  const exit = async (...args: readonly string[]) => {
    const process = task(...args);
    const { code } = await process.ended;
    return { code, printed: process.printed() };
  };
  const load = (count: number) =>
    startProcess("ops/tasks/simulate.ts", {
      args: ["--count", String(count), "--concurrency", "20", "--url", `http://127.0.0.1:${port}`],
    });

  it("tells a difference, and mends it by a rebuild under load, one killed before it", async () => {
    assert.equal((await load(60).ended).code, 0);
    assert.equal((await exit("reconcile")).code, 0);

    await pool.query("update statistics_counter set jumlah = jumlah + 3 where kode = '32'");
    const told = await exit("reconcile", "--wait", "5");
    assert.equal(told.code, 1);
    assert.match(told.printed, /32 Jawa Barat .* \+\d+$/m);
    assert.match(told.printed, /^1 provinces differ/m);

    const running = load(240);
    const killed = task("rebuild");
    await killed.stop("SIGKILL");
    for (let round = 0; round < 2; round++) {
      const { code, printed } = await exit("rebuild");
      assert.match(printed, /^Counted [\d,]+ residents anew in /m);
      assert.equal(code, 0);
    }
    assert.equal((await running.ended).code, 0, "registry, events, statistics and SMS must agree");
    const agreed = await exit("reconcile");
    assert.match(agreed.printed, /^Registry and statistics agree in every province$/m);
    assert.equal(agreed.code, 0);
  });

  it("refuses a wrong use with exit code 2", async () => {
    for (
      const args of [["rebuild", "--wait", "3"], ["reconcile", "--wait", "soon"], ["restart"], [
        "rebuild",
        "32",
      ]]
    ) {
      assert.equal((await exit(...args)).code, 2, args.join(" "));
    }
  });
});
