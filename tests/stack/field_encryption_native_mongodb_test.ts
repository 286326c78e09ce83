import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { findNativeCipher } from "../../shared/adapters/mongodb/encryption/native_cipher.ts";
import { ensureNative } from "./libmongocrypt/native.ts";
import { openTestMongo, type TestMongo } from "./mongodb.ts";

describe("The native library of MongoDB", () => {
  let test: TestMongo;
  before(async () => {
    test = await openTestMongo();
  });
  after(async () => await test.drop());

  it("is not looked for in vain: without the package our own code encrypts", () => {
    assert.equal(findNativeCipher(test.mongo.keyVault), undefined);
  });

  it("writes and reads the same as our own code, under Deno, with the driver of the system", async () => {
    const contract = "tests/stack/libmongocrypt/native_contract.ts";
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--allow-all", "--no-check", "--config", await ensureNative(), contract],
      env: { NO_COLOR: "1" },
      signal: AbortSignal.timeout(120_000),
    }).output();
    const printed = new TextDecoder().decode(stdout);
    assert.ok(success, `${printed}\n${new TextDecoder().decode(stderr)}`);
    assert.match(printed, /1 passed \(22 steps\) \| 0 failed/);
  });
});
