import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { readProc } from "../../ops/stack/proc.ts";

describe("a chaos run that is stopped", () => {
  let temp = "";
  beforeEach(async () => {
    temp = await Deno.makeTempDir();
    // PostgreSQL, which runs as a user of its own, makes its files there too.
    await Deno.chmod(temp, 0o755);
  });
  afterEach(() => Deno.remove(temp, { recursive: true }));

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`leaves no process, no mount and no file behind after a ${signal} while it starts`, async () => {
      const run = new Deno.Command(Deno.execPath(), {
        args: ["run", "--allow-all", "--no-check", "--quiet", PROGRAM],
        env: { TMPDIR: temp },
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).spawn();
      await until(async () => await processesOf(temp) > 1);
      run.kill(signal);
      const { code, stderr } = await run.output();
      assert.equal(new TextDecoder().decode(stderr), `Stopped by ${signal}\n`);
      assert.equal(code, 130);
      assert.equal(await processesOf(temp), 0);
      assert.ok(!(await Deno.readTextFile("/proc/self/mounts")).includes(temp));
      assert.deepEqual([...Deno.readDirSync(temp)], []);
    });
  }
});

/** All that were started for the run go by its folder for files. */
async function processesOf(temp: string): Promise<number> {
  let count = 0;
  for await (const { name } of Deno.readDir("/proc")) {
    if (/^\d+$/.test(name) && (await readProc(name, "environ") ?? "").includes(`TMPDIR=${temp}`)) count++;
  }
  return count;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(30_000);
  while (!await condition()) {
    deadline.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const PROGRAM = join(import.meta.dirname ?? "", "chaos.ts");
