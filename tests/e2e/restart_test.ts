import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { makeDatabaseFolder } from "../run/memory.ts";
import { eventually, freePort, startProcess, type TestProcess, waitUntilReady } from "./process.ts";

/** The same folder, so that the killed PostgreSQL, the orphaned claims and the half-relayed outbox are all met again. */
describe("kill -9 of the whole process under load", () => {
  let dataDir = "";
  let system: TestProcess;
  const port = freePort();

  before(async () => {
    dataDir = await makeDatabaseFolder();
    system = await start();
  });
  after(async () => {
    await system.stop();
    await Deno.remove(dataDir, { recursive: true });
  });

  it("loses and doubles nothing that was answered: registry, events, statistics and SMS agree", async () => {
    const load = startProcess("ops/tasks/simulate.ts", {
      args: ["--count", "500", "--concurrency", "50", "--json", "--url", `http://127.0.0.1:${await port}`],
    });
    for (const registered of [100, 300]) {
      await registeredAtLeast(registered);
      await system.stop("SIGKILL");
      system = await start();
    }
    const { code } = await load.ended;
    const report = JSON.parse(load.printed().split("\n").findLast((line) => line.startsWith("{")) ?? "{}");
    assert.deepEqual(report.problems, []);
    assert.equal(report.agrees, true);
    assert.equal(report.created, 500);
    assert.ok(report.retries["CONNECTION"] > 0);
    assert.equal(code, 0);
  });

  async function start(): Promise<TestProcess> {
    const system = startProcess("ops/tasks/dev.ts", { env: { PORT: String(await port), DATA_DIR: dataDir } });
    await waitUntilReady(`http://127.0.0.1:${await port}/readyz`, system);
    return system;
  }

  async function registeredAtLeast(count: number): Promise<void> {
    await eventually(`${count} are registered`, async () => {
      const { registry } = await (await fetch(`http://127.0.0.1:${await port}/reconcile`)).json();
      return registry >= count;
    }, 60_000);
  }
});
