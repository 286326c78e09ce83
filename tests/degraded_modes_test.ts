import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PARTS } from "../shared/config/config.ts";
import { faultsOf } from "./faults/faults/faults.ts";

const ROOT = new URL("../", import.meta.url);
const section = (await read("README.md"))?.split("### Degraded modes\n")[1]?.split(/\n#+ /)[0] ?? "";
const rows = section.split("\n").filter((line) => line.startsWith("| ")).slice(2).map((line) => {
  const [mode = "", , operators = "", , proof = ""] = line.split("|").map((cell) => cell.trim()).slice(1, -1);
  return { mode, operators, proof };
});

describe("The degraded modes of README.md", () => {
  it("are those of every part and of every server that a part needs", () => {
    const modes = rows.map(({ mode }) => mode.toLowerCase()).join("\n");
    const proofs = rows.map(({ proof }) => proof).join("\n");
    // Without the probe nothing is worse, and `PartDown` says so.
    for (const part of PARTS.filter((part) => part !== "probe")) {
      assert.ok(proofs.includes(`\`kill-${part}\``), part);
    }
    for (
      const name of [
        "postgresql",
        "kafka",
        "mongodb",
        "redis",
        "keycloak",
        "twilio",
        "audit",
        "secret",
        "clock",
      ]
    ) {
      assert.ok(modes.includes(name), name);
    }
  });

  it("name for each row a test that exists", async () => {
    const wrong: string[] = [];
    for (const { mode, proof } of rows) {
      const files = [...proof.matchAll(/`([\w/]+(?:_test|_contract)\.ts)`((?:,? "[^"]+")*)/g)];
      if (files.length === 0) wrong.push(`"${mode}" names no test`);
      for (const [, file = "", sentences = ""] of files) {
        const text = await read(file);
        if (text === undefined) wrong.push(`"${mode}": there is no ${file}`);
        for (const [, sentence = ""] of sentences.matchAll(/"([^"]+)"/g)) {
          if (!text?.includes(sentence)) wrong.push(`"${mode}": ${file} has no "${sentence}"`);
        }
      }
    }
    assert.deepEqual(wrong, []);
  });

  it("name faults that chaos can inject", () => {
    const faults = new Set([...faultsOf("embedded"), ...faultsOf("stack")].map(({ name }) => name));
    const named = rows.flatMap(({ proof }) =>
      [...proof.matchAll(/`([a-z0-9-]+)`/g)].map(([, name = ""]) => name)
    );
    assert.ok(named.length > 0);
    assert.deepEqual(named.filter((name) => !faults.has(name)), []);
  });

  it("name metrics that a process has", async () => {
    const sources = await product();
    const named = rows.flatMap(({ operators }) =>
      [...operators.matchAll(/`([a-z]+(?:_[a-z]+)+)[`{]/g)].map(([, name = ""]) => name)
    );
    assert.ok(named.length > 0);
    assert.deepEqual(named.filter((name) => !sources.includes(`"${name}"`)), []);
  });
});

/** The text of all that runs in production. */
async function product(): Promise<string> {
  const texts: string[] = [];
  for (const folder of ["edge/", "workers/", "shared/"]) await collect(new URL(folder, ROOT), texts);
  return texts.join("\n");
}

async function collect(folder: URL, texts: string[]): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await collect(new URL(`${name}/`, folder), texts);
    else if (/(?<!_test)\.ts$/.test(name)) texts.push(await Deno.readTextFile(new URL(name, folder)));
  }
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(new URL(file, ROOT));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
