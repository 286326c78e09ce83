import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { makeDatabaseFolder } from "../run/memory.ts";
import { freePort, startProcess, type TestProcess, waitUntilReady } from "./process.ts";
import { PENDUDUK } from "../fixtures.ts";

/** The steps of "On one machine" in ops/backup.md. */
describe("a backup that is restored", () => {
  let folder = "";
  let port = 0;
  let system: TestProcess;
  const dataDir = () => join(folder, "data");

  before(async () => {
    folder = await makeDatabaseFolder();
    port = await freePort();
    system = await start();
  });
  after(async () => {
    await system.stop();
    await Deno.remove(folder, { recursive: true });
  });

  it("gives back everybody who was registered before it, and the first answer to a late retry", async () => {
    const [first, , later] = PENDUDUK;
    const key = crypto.randomUUID();
    const before = await call("/penduduk", { body: first, key });
    assert.equal(before.status, 201);

    const load = startProcess("ops/tasks/simulate.ts", {
      args: ["--count", "150", "--concurrency", "10", "--url", `http://127.0.0.1:${port}`],
    });
    const backup = await task("ops/tasks/backup.ts", join(folder, "backup"));
    assert.match(backup.printed, /^Copied [\d,]+ files to /m);
    assert.equal((await load.ended).code, 0);
    assert.equal((await call("/penduduk", { body: later, key: crypto.randomUUID() })).status, 201);

    await Deno.copyFile(join(dataDir(), "keys.json"), join(folder, "keys.json"));
    await system.stop("SIGKILL");
    await Deno.remove(dataDir(), { recursive: true });

    await Deno.mkdir(dataDir());
    await Deno.rename(join(folder, "backup"), join(dataDir(), "postgres"));
    await Deno.rename(join(folder, "keys.json"), join(dataDir(), "keys.json"));
    system = await start();

    const again = await call("/penduduk", { body: first, key });
    assert.deepEqual([again.status, again.json], [before.status, before.json]);
    const { id } = before.json;
    assert.deepEqual((await call(`/penduduk/${id}`)).json, before.json);
    assert.equal((await call("/penduduk", { body: later, key: crypto.randomUUID() })).status, 201);
    assert.equal((await task("ops/tasks/statistics.ts", "rebuild")).code, 0);
    const { code, printed } = await task("ops/tasks/statistics.ts", "reconcile");
    assert.match(printed, /^Registry and statistics agree in every province$/m);
    assert.equal(code, 0);
  });

  it("is refused where it would write over another", async () => {
    const { code, printed } = await task("ops/tasks/backup.ts", dataDir());
    assert.equal(code, 1);
    assert.match(printed, /^Cannot back up: /m);
  });

  async function start(): Promise<TestProcess> {
    const system = startProcess("ops/tasks/dev.ts", { env: { PORT: String(port), DATA_DIR: dataDir() } });
    await waitUntilReady(`http://127.0.0.1:${port}/readyz`, system);
    return system;
  }

  async function task(script: string, ...args: readonly string[]) {
    const process = startProcess(script, { args, env: { DATA_DIR: dataDir() } });
    const { code } = await process.ended;
    return { code, printed: process.printed() };
  }

  async function call(path: string, send?: { readonly body: unknown; readonly key: string }) {
    const login = await fetch(`http://127.0.0.1:${port}/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "petugas", password: "petugas-rahasia" }),
    });
    const { access_token } = await login.json();
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: send ? "POST" : "GET",
      headers: {
        authorization: `Bearer ${access_token}`,
        ...(send && { "content-type": "application/json", "idempotency-key": send.key }),
      },
      ...(send && { body: JSON.stringify(send.body) }),
    });
    return { status: answer.status, json: await answer.json() };
  }
});
