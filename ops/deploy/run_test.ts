import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { run } from "./run.ts";

describe("run", () => {
  it("answers the exit code and both outputs", async () => {
    assert.deepEqual(await run("sh", ["-c", "echo out; echo err >&2; exit 7"]), {
      kind: "ended",
      code: 7,
      stdout: "out\n",
      stderr: "err\n",
    });
  });

  it("gives the program its standard input, environment and folder", async () => {
    const options = { stdin: "halo ", env: { A: "b" }, cwd: "/" };
    const ran = await run("sh", ["-c", 'cat; echo "$A $PWD"'], options);
    assert.ok(ran.kind === "ended");
    assert.equal(ran.stdout, "halo b /\n");
  });

  it("survives that the program does not read its standard input", async () => {
    const ran = await run("true", [], { stdin: "x".repeat(1_000_000) });
    assert.ok(ran.kind === "ended" && ran.code === 0);
  });

  it("tells each line as it comes, the last without an end too", async () => {
    const lines: string[] = [];
    await run("printf", ["satu\\ndua\\ntiga"], { onLine: (line) => lines.push(line) });
    assert.deepEqual(lines, ["satu", "dua", "tiga"]);
  });

  it("answers that there is no such program", async () => {
    assert.deepEqual(await run("there-is-no-such-program", []), { kind: "missing" });
  });

  it("tells a program that is late to end", async () => {
    const lines: string[] = [];
    const script = "trap 'echo told; exit' TERM; echo up; while :; do :; done";
    const ran = await run("sh", ["-c", script], { withinMs: 500, onLine: (line) => lines.push(line) });
    assert.deepEqual([ran, lines], [{ kind: "late" }, ["up", "told"]]);
  });

  it("kills one that does not listen, and what it has started does not hold up the answer", async () => {
    const script = "trap '' TERM; sleep 5";
    assert.deepEqual(await run("sh", ["-c", script], { withinMs: 20, graceMs: 20 }), { kind: "late" });
  });

  it("ends the program and rejects when it is stopped, and does not start one afterwards", async () => {
    const stop = new AbortController();
    const running = run("sh", ["-c", "echo up; exec sleep 60"], {
      signal: stop.signal,
      onLine: () => stop.abort(),
    });
    await assert.rejects(running, { name: "AbortError" });
    await assert.rejects(run("true", [], { signal: stop.signal }), { name: "AbortError" });
  });
});
