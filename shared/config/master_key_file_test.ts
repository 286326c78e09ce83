import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "@std/testing/bdd";
import { generateMasterKey } from "../security/master_key.ts";
import { openMasterKeyFile } from "./master_key_file.ts";

describe("The file of the master keys", () => {
  const [older, newer] = [generateMasterKey(), generateMasterKey()];
  let folder: string;
  before(async () => {
    folder = await Deno.makeTempDir();
  });
  after(async () => await Deno.remove(folder, { recursive: true }));

  it("is read anew once it has changed, without a restart", async () => {
    const path = await write(`${older}\n`);
    const read = openMasterKeyFile({ MONGODB_MASTER_KEY_FILE: path, APP_ENV: "development" });
    assert.deepEqual(lines(read), [older]);
    await Deno.writeTextFile(path, `${newer}\n${older}\n`);
    assert.deepEqual(lines(read), [newer, older]);
  });

  it("leaves the keys as they were while it is no file of keys", async () => {
    const path = await write(older);
    const read = openMasterKeyFile({ MONGODB_MASTER_KEY_FILE: path, APP_ENV: "development" });
    await Deno.writeTextFile(path, older.slice(1));
    assert.deepEqual(lines(read), [older]);
    await Deno.remove(path);
    assert.deepEqual(lines(read), [older]);
  });

  it("is refused at the start with a sentence that names the variable and quotes nothing of it", async () => {
    const refused = (path: string | undefined, message: RegExp) =>
      assert.throws(() => openMasterKeyFile({ MONGODB_MASTER_KEY_FILE: path, APP_ENV: "development" }), {
        name: "ConfigError",
        message,
      });
    refused(undefined, /^MONGODB_MASTER_KEY_FILE is not set/);
    refused(
      join(folder, "nirgends"),
      /^MONGODB_MASTER_KEY_FILE names a file that cannot be read \(ENOENT\)$/,
    );
    const cut = `${older}\n${newer.slice(0, 64)}\n${newer.slice(64)}`;
    refused(
      await write(cut),
      /^MONGODB_MASTER_KEY_FILE cannot be used: Expect master key 2 to be 96 bytes in base64, on one line$/,
    );
    refused(await write(""), /^MONGODB_MASTER_KEY_FILE names a file that is empty$/);
  });

  it("must not be readable for everybody in production", async () => {
    const path = await write(older);
    const open = () => openMasterKeyFile({ MONGODB_MASTER_KEY_FILE: path, APP_ENV: "production" });
    await Deno.chmod(path, 0o644);
    assert.throws(open, { message: /everybody may read/ });
    await Deno.chmod(path, 0o440);
    assert.deepEqual(lines(open()), [older]);
  });

  async function write(text: string): Promise<string> {
    const path = join(folder, crypto.randomUUID());
    await Deno.writeTextFile(path, text);
    return path;
  }
});

function lines(read: ReturnType<typeof openMasterKeyFile>): readonly string[] {
  return read().map(({ credentials }) => btoa(String.fromCharCode(...credentials.key)));
}
