import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { registrationJourney } from "./journey.ts";
import { makeDatabaseFolder } from "../run/memory.ts";
import { freePort, startProcess, type TestProcess, waitUntilReady } from "./process.ts";

const WORKERS = ["auth", "registration", "statistics", "notification", "relay"] as const;

describe("the fleet, each part a process of its own", () => {
  const processes: TestProcess[] = [];
  let dataDir = "";
  let edge = "";
  let backends = "";

  before(async () => {
    dataDir = await makeDatabaseFolder();
    const embedded = await started(
      "ops/tasks/backends.ts",
      { DATA_DIR: dataDir },
      "/realms/gov-realm/protocol/openid-connect/certs",
    );
    backends = embedded.url;
    const variables = Object.fromEntries(
      [...embedded.process.printed().matchAll(/^export (\w+)='(.*)'$/gm)].map((
        [, name, value],
      ) => [name, value]),
    );
    const origins: Record<string, string> = {};
    for (const worker of WORKERS) {
      const { url } = await started(`workers/${worker}/main.ts`, variables);
      origins[`${worker.toUpperCase()}_URL`] = url;
    }
    const operations = String(await freePort());
    edge =
      (await started("edge/main.ts", { ...variables, ...origins, OPERATIONS_PORT: operations }, "/docs")).url;
  });
  after(async () => {
    for (const process of processes.reverse()) await process.stop();
    await Deno.remove(dataDir, { recursive: true });
  });

  registrationJourney(() => edge);

  it("takes 500 residents at once the same way, and every store agrees", async () => {
    const load = startProcess("ops/tasks/simulate.ts", {
      args: ["--count", "500", "--json", "--url", edge, "--identity", backends, "--operations", backends],
    });
    assert.equal((await load.ended).code, 0);
    assert.match(load.printed(), /"agrees":true/);
  });

  async function started(script: string, variables: Record<string, string>, path = "/readyz") {
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    const process = startProcess(script, { env: { ...variables, PORT: port } });
    processes.push(process);
    await waitUntilReady(url + path, process);
    return { process, url };
  }
});
