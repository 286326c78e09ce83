import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { makeDatabaseFolder } from "../run/memory.ts";
import { freePort, startProcess, waitUntilReady } from "./process.ts";

const DEV = "ops/tasks/dev.ts";

describe("deno task dev", () => {
  let dataDir = "";
  before(async () => dataDir = await makeDatabaseFolder());
  after(() => Deno.remove(dataDir, { recursive: true }));

  it("explains a broken variable in one sentence and exits with 1", async () => {
    const system = startProcess(DEV, { env: { PORT: "delapan", SMS_NIK: "half" } });
    assert.equal((await system.ended).code, 1);
    assert.equal(
      system.printed(),
      "Cannot run: PORT must be a whole number from 1 to 65535; SMS_NIK must be one of masked, full\n",
    );
  });

  it("explains a port in use", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const system = startProcess(DEV, { env: { PORT: String(port), DATA_DIR: dataDir } });
    assert.equal((await system.ended).code, 1);
    assert.match(system.printed(), new RegExp(`Cannot run: port ${port} is in use: .*\n$`));
    listener.close();
  });

  it("refuses to start in production with embedded parts, naming each variable", async () => {
    const system = startProcess(DEV, { env: { APP_ENV: "production", PORT: String(await freePort()) } });
    assert.equal((await system.ended).code, 1);
    for (const name of ["DATABASE_URL", "KEYS_FILE", "KEYCLOAK_URL"]) {
      assert.match(system.printed(), new RegExp(name));
    }
  });

  it("starts on an empty folder, refuses a second start on it, and stops with 0 and nothing left", async () => {
    const port = await freePort();
    const system = startProcess(DEV, { env: { PORT: String(port), DATA_DIR: dataDir } });
    await waitUntilReady(`http://127.0.0.1:${port}/readyz`, system);
    const second = startProcess(DEV, { env: { PORT: String(await freePort()), DATA_DIR: dataDir } });
    assert.equal((await second.ended).code, 1);
    assert.match(second.printed(), /Cannot run: Data folder ".*" is in use by another running process/);
    const { code } = await system.stop("SIGINT");
    assert.equal(code, 0);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`), TypeError);
    assert.deepEqual(await processesOf(dataDir), []);
  });
});

/** Processes whose command line names the folder, or that work in it. */
async function processesOf(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const places = [
        await Deno.readTextFile(`/proc/${name}/cmdline`),
        await Deno.readLink(`/proc/${name}/cwd`),
      ];
      if (places.some((place) => place.includes(folder))) found.push(name);
    } catch (error) {
      // It has ended meanwhile, or belongs to somebody else.
      if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
        throw error;
      }
    }
  }
  return found;
}
