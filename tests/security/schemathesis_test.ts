import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { bulkToken, startSystem, type System } from "./system.ts";

/**
 * Schemathesis (PyPI) makes requests up from `/openapi.json`, right and wrong ones, and checks each answer against that
 * document. SCHEMATHESIS_SEED repeats a run.
 */
describe("Attacks by made-up requests", () => {
  let system: System;
  before(async () => {
    await install();
    // Nobody can make thousands of requests up in a minute and stay below the limits, which other tests attack.
    system = await startSystem({ RATE_LIMIT_PER_MINUTE: "100000", LOGIN_LIMIT_PER_MINUTE: "100000" });
  });
  after(() => system.stop());

  for (const phase of ["examples", "coverage", "fuzzing", "stateful"]) {
    it(`are refused, or answered as /openapi.json says, in the phase "${phase}"`, async () => {
      const { code, output } = await run([
        ...[`${system.url}/openapi.json`, "--phases", phase, "--checks", "all", "--no-color"],
        ...["--header", `Authorization: Bearer ${await bulkToken(system)}`],
        // Its answer goes on for ever; tests/e2e and workers/statistics/stream_test.ts read it.
        ...["--exclude-path", "/stats/stream"],
        ...[
          "--seed",
          Deno.env.get("SCHEMATHESIS_SEED") ?? "1",
          "--max-time",
          "20",
          "--request-timeout",
          "10",
        ],
      ]);
      const cases = output.match(/(\d+) generated/)?.[0] ?? "none";
      Deno.stdout.writeSync(new TextEncoder().encode(`Schemathesis, phase "${phase}": ${cases}\n`));
      assert.notEqual(cases, "none");
      assert.equal(code, 0, output);
    });
  }
});

const HERE = new URL("schemathesis/", import.meta.url).pathname;
const PACKAGE = "schemathesis==4.32.5";
const venv = resolve(".stack", "tools", "schemathesis");

async function install(): Promise<void> {
  const mark = join(venv, PACKAGE);
  if (existsSync(mark)) return;
  await toEnd("python3", ["-m", "venv", "--clear", venv]);
  await toEnd(join(venv, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", PACKAGE]);
  await Deno.writeTextFile(mark, "");
}

async function toEnd(command: string, args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(command, {
    args: [...args],
    signal: AbortSignal.timeout(5 * 60_000),
  })
    .output();
  if (!success) throw new Error(`"${command} ${args.join(" ")}" failed`);
}

async function run(args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  const { code, stdout } = await new Deno.Command(join(venv, "bin/schemathesis"), {
    args: ["--config-file", join(HERE, "schemathesis.toml"), "run", ...args],
    // It leaves a folder of its findings where it runs.
    cwd: ".artifacts",
    env: { SCHEMATHESIS_HOOKS: "formats", PYTHONPATH: HERE, NO_COLOR: "1", PYTHONDONTWRITEBYTECODE: "1" },
    stdin: "null",
    signal: AbortSignal.timeout(3 * 60_000),
  }).output();
  // What was made up may look like a NIK; the whole test run's output is searched for those.
  const output = new TextDecoder().decode(stdout).replaceAll(/\d{16}/g, "<16 digits>");
  return { code, output };
}
