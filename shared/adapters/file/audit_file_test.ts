import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mock } from "node:test";
import { join } from "node:path";
import { sealLines } from "../../../tests/contract/audit_sink_contract.ts";
import type { SealedLine } from "../../ports/audit_sink.ts";
import { openAuditFile } from "./audit_file.ts";

describe("The audit file", () => {
  const signal = AbortSignal.timeout(30_000);
  let folder = "";
  let path = "";
  beforeEach(async () => {
    folder = await Deno.makeTempDir();
    path = join(folder, "audit.jsonl");
  });
  afterEach(async () => {
    mock.restoreAll();
    await Deno.remove(folder, { recursive: true });
  });

  it("may be read by its group, and by nobody else", async () => {
    await (await openAuditFile(path)).close();
    const { mode } = await Deno.stat(path);
    assert.equal((mode ?? 0) & 0o777, 0o640 & ~Deno.umask());
  });

  it("needs no more than to read its folder and to write itself", async () => {
    const module = new URL("audit_file.ts", import.meta.url).href;
    const script = join(folder, "append.ts");
    await Deno.writeTextFile(
      script,
      `import { openAuditFile } from ${JSON.stringify(module)};
      const sink = await openAuditFile(${JSON.stringify(path)});
      await sink.append([{ line: {}, text: "a" }], AbortSignal.timeout(10_000));
      await sink.close();`,
    );
    const rights = ["--no-prompt", `--allow-read=${folder}`, `--allow-write=${path}`];
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--config", "deno.json", ...rights, script],
    }).output();
    assert.ok(success);
    assert.equal(await Deno.readTextFile(path), "a\n");
  });

  it("is gone on with by the next process, without the torn line that a crash left", async () => {
    const earlier = sealLines(2);
    await Deno.writeTextFile(path, `${textOf(earlier)}{"@timestamp":"2026-11-2`);
    const sink = await openAuditFile(path);
    const lines = sealLines(1);
    await sink.append(lines, signal);
    await sink.close();
    assert.equal(await Deno.readTextFile(path), textOf([...earlier, ...lines]));
  });

  it("tells what an earlier process wrote last", async () => {
    const earlier = sealLines(3);
    await Deno.writeTextFile(path, textOf(earlier));
    const sink = await openAuditFile(path);
    assert.deepEqual(await sink.recent(), earlier);
    await sink.close();
  });

  it("is begun anew when it was moved away, and when it was deleted", async () => {
    const lines = sealLines(3);
    const sink = await openAuditFile(path);
    await sink.append(lines.slice(0, 1), signal);
    await Deno.rename(path, `${path}.1`);
    await sink.append(lines.slice(1, 2), signal);
    assert.equal(await Deno.readTextFile(path), textOf(lines.slice(1, 2)));
    assert.equal(await Deno.readTextFile(`${path}.1`), textOf(lines.slice(0, 1)));
    await Deno.remove(path);
    await sink.append(lines.slice(2), signal);
    assert.equal(await Deno.readTextFile(path), textOf(lines.slice(2)));
    await sink.close();
  });

  it("holds nothing of an append that failed, and all of it once when it comes again", async () => {
    const lines = sealLines(3);
    const sink = await openAuditFile(path);
    await sink.append(lines.slice(0, 1), signal);
    mock.method(Deno.FsFile.prototype, "syncData", () => Promise.reject(new Error("Disk is broken")), {
      times: 1,
    });
    await assert.rejects(sink.append(lines.slice(1, 2), signal), /Disk is broken/);
    assert.equal(await Deno.readTextFile(path), textOf(lines.slice(0, 1)));
    await sink.append(lines.slice(1), signal);
    assert.equal(await Deno.readTextFile(path), textOf(lines));
    await sink.close();
  });
});

function textOf(lines: readonly SealedLine[]): string {
  return lines.map(({ text }) => `${text}\n`).join("");
}
