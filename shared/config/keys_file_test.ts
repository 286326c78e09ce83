import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { generateKeys } from "../security/key_ring.ts";
import { ConfigError } from "./config.ts";
import { type KeysFile, openKeysFile } from "./keys_file.ts";

describe("KEYS_FILE", () => {
  let folder: string;
  let path: string;
  const opened: KeysFile[] = [];
  beforeEach(async () => {
    folder = await Deno.makeTempDir();
    path = join(folder, "keys.json");
    await write(0o600, "2026-11");
  });
  afterEach(async () => {
    for (const file of opened.splice(0)) file.close();
    await Deno.remove(folder, { recursive: true });
  });

  async function write(mode: number, month: string): Promise<void> {
    await Deno.writeTextFile(`${path}.new`, generateKeys(new Date(`${month}-02`)));
    await Deno.chmod(`${path}.new`, mode);
    await Deno.rename(`${path}.new`, path);
  }

  function open(APP_ENV: "development" | "production"): KeysFile {
    const file = openKeysFile({ KEYS_FILE: path, APP_ENV });
    opened.push(file);
    return file;
  }

  it("is read anew without a restart when another file takes its place", async () => {
    const { keys: { columns } } = open("production");
    await write(0o440, "2026-12");
    columns.reload?.();
    assert.equal(columns.active, "2026-12");
  });

  it("must not be readable by everybody in production, at the start", async () => {
    for (const mode of [0o644, 0o604, 0o602, 0o601]) {
      await Deno.chmod(path, mode);
      assert.throws(() => open("production"), (error) => {
        return error instanceof ConfigError && /set its mode to 0600/.test(error.message);
      });
      open("development");
    }
  });

  it("must not be readable by everybody in production, later on: the older keys stay and it shows", async () => {
    const file = open("production");
    await write(0o644, "2026-12");
    file.keys.columns.reload?.();
    assert.deepEqual([file.degraded(), file.keys.columns.active], [true, "2026-11"]);
  });

  it("is named when it is not set, not there or not keys", async () => {
    assert.throws(
      () => openKeysFile({ KEYS_FILE: undefined, APP_ENV: "development" }),
      /KEYS_FILE is not set/,
    );
    await Deno.writeTextFile(path, "{}");
    assert.throws(() => open("development"), /KEYS_FILE ".*" is not usable: Cannot read the keys/);
    await Deno.remove(path);
    assert.throws(() => open("development"), ConfigError);
  });
});
