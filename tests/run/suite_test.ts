import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { PENDUDUK } from "../fixtures.ts";

describe("runSuite", () => {
  let folder = "";
  beforeEach(async () => folder = await Deno.makeTempDir());
  afterEach(() => Deno.remove(folder, { recursive: true }));

  it("passes when every test does and nothing personal was printed", async () => {
    const { code, lines } = await run("");
    assert.deepEqual([code, lines.at(-1)], [0, "1 passed, 0 failed"]);
  });

  it("fails when a test does, or none ran", async () => {
    const failing = await run('throw new Error("salah")');
    assert.deepEqual([failing.code, failing.lines.at(-1)], [1, "0 passed, 1 failed"]);
    const none = await run("", { tests: "" });
    assert.deepEqual([none.code, ...none.lines.slice(-2)], [1, "No test ran", "0 passed, 0 failed"]);
  });

  it("fails when a test printed a person, and says where without repeating it", async () => {
    const { code, lines } = await run(`console.log(${JSON.stringify(PENDUDUK[0].nama)})`);
    assert.deepEqual([code, lines.at(-1)], [1, "1 passed, 1 failed"]);
    assert.match(lines.at(-2) ?? "", /^Personal data was printed: .*output\.log line \d+$/);
  });

  it("fails when a server logged a person", async () => {
    const log = join(folder, "server.log");
    await Deno.writeTextFile(log, `siap\nmenerima ${PENDUDUK[0].nama}\n`);
    const { code, lines } = await run("", { otherOutput: log });
    assert.deepEqual([code, ...lines.slice(-2)], [
      1,
      `Personal data was printed: ${log} line 2`,
      "1 passed, 1 failed",
    ]);
  });

  /** In a process of its own, whose output is not a part of this run's. */
  async function run(body: string, { tests = `Deno.test("uji", () => { ${body} })`, otherOutput = "" } = {}) {
    await Deno.writeTextFile(join(folder, "x_test.ts"), tests);
    const suite = {
      args: [],
      folders: [folder],
      env: {},
      output: join(folder, "output.log"),
      deadlineMs: 30_000,
    };
    const code = `import { runSuite } from ${JSON.stringify(import.meta.resolve("./suite.ts"))};
      const suite = ${JSON.stringify(suite)};
      const otherOutput = () => ${JSON.stringify(otherOutput ? [otherOutput] : [])};
      Deno.exit(await runSuite({ ...suite, otherOutput }));`;
    const process = await new Deno.Command(Deno.execPath(), { args: ["eval", code], stderr: "null" })
      .output();
    return { code: process.code, lines: new TextDecoder().decode(process.stdout).trimEnd().split("\n") };
  }
});
