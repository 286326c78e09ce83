import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { Secret, type SecretValues, toSecret } from "./secret.ts";

const VALUE = "jangan-tampil-0815";

describe("a secret", () => {
  it("is shown by its value alone, however it is printed, inspected or written", () => {
    const secret = Secret.fixed("KAFKA_PASSWORD", VALUE);
    const holder = { config: { kafka: [secret] }, map: new Map([["a", secret]]) };
    const shown = [
      `${secret}`,
      secret + "",
      JSON.stringify(holder),
      inspect(holder, { depth: 9, showHidden: true, getters: true }),
      Deno.inspect(holder, { depth: 9, showHidden: true, getters: true }),
      JSON.stringify(structuredClone(secret)),
      Object.entries(secret).join(),
      String(new Error("failed", { cause: secret }).cause),
    ];
    assert.deepEqual(shown.filter((text) => text.includes(VALUE)), []);
    assert.equal(`${secret}`, "[KAFKA_PASSWORD]");
    assert.equal(secret.value(), VALUE);
  });

  it("is made of another one and changes with it", () => {
    let values: SecretValues = ["satu"];
    const secret = Secret.changing("DATABASE_URL", () => values).map((value) => `postgres://${value}`);
    assert.equal(secret.value(), "postgres://satu");
    values = ["dua", "satu"];
    assert.deepEqual(secret.values(), ["postgres://dua", "postgres://satu"]);
    assert.ok(!`${secret}`.includes("dua"));
  });
});

describe("what to try with a server that refuses", () => {
  it("is a fixed secret once", async () => {
    assert.deepEqual(await tried(toSecret("satu")), ["satu"]);
  });

  it("is the value, the one that it replaced, and the value again, which may have counted just then", async () => {
    const changed = Secret.changing("S", () => ["baru", "lama"]);
    assert.deepEqual(await tried(changed, 3), ["baru", "lama", "baru"]);
  });

  it("is what comes while it waits", async () => {
    let values: SecretValues = ["lama"];
    const secret = Secret.changing("S", () => values);
    const told: string[] = [];
    for await (const value of secret.candidates(new AbortController().signal)) {
      told.push(value);
      if (told.length === 2) break;
      values = ["baru", "lama"];
    }
    assert.deepEqual(told, ["lama", "baru"]);
  });

  it("is nothing more once the caller gives up", async () => {
    const secret = Secret.changing("S", () => ["lama"]);
    const begun = performance.now();
    const told: string[] = [];
    for await (const value of secret.candidates(AbortSignal.abort())) told.push(value);
    assert.deepEqual(told, ["lama"]);
    assert.ok(performance.now() - begun < 90);
  });
});

async function tried(secret: Secret, most = 9): Promise<readonly string[]> {
  const told: string[] = [];
  for await (const value of secret.candidates(new AbortController().signal)) {
    if (told.push(value) === most) break;
  }
  return told;
}
