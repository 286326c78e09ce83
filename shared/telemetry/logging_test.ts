import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";

describe("What a process logs", () => {
  it("is ECS on standard error in production, masked, and repeats are told when it ends", async () => {
    const { err, out } = await run("json", "info,kafka=debug");
    assert.equal(out, "");
    const lines = err.trimEnd().split("\n").map((line) => JSON.parse(line));
    const messages = lines.map(({ message }) => message);
    assert.deepEqual(messages.slice(0, 4), ["Said [nik]", "Of kafka", "Turned up", "Failed"]);
    assert.equal(messages.length, 3 + 30 + 1);
    assert.equal(messages.at(-1), "Repeated 10 times: Failed");
    assert.deepEqual([lines[0].labels, lines.at(-1)["trace.id"]], [{ value: "[nik]" }, "a".repeat(32)]);
  });

  it("is readable and without colour where standard error is no terminal", async () => {
    const { err } = await run("text", "info");
    const [first = ""] = err.split("\n");
    assert.match(first, /^\d{4}-\d\d-\d\dT[\d:.]+Z \[INF\] kependudukan·edge: Said "?\[nik\]"?$/);
    assert.ok(!err.includes("\u001b"));
  });
});

async function run(...args: readonly string[]): Promise<{ readonly err: string; readonly out: string }> {
  const script = new URL("./testing_logger.ts", import.meta.url).href;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", script, ...args],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { err: decoder.decode(stderr), out: decoder.decode(stdout) };
}
