import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { Binary, UUID } from "mongodb";
import { type Mongo, openMongo } from "../../shared/adapters/mongodb/connect.ts";
import { openFieldEncryption } from "../../shared/adapters/mongodb/encryption/field_encryption.ts";
import { unwrap } from "../../shared/adapters/mongodb/encryption/key_vault.ts";
import { rewrap } from "../../shared/adapters/mongodb/encryption/rewrap.ts";
import { openMasterKeyFile } from "../../shared/config/master_key_file.ts";
import { generateAeadKey } from "../../shared/security/aead_cbc_hmac.ts";
import { generateMasterKey, parseMasterKeys } from "../../shared/security/master_key.ts";
import { TELEPON } from "../fixtures.ts";
import { type OwnMongo, startOwnMongo } from "./own_mongodb.ts";

describe("deno task mongodb:rewrap", () => {
  const [older, newer, foreign] = [generateMasterKey(), generateMasterKey(), generateMasterKey()];
  let own: OwnMongo;
  let mongo: Mongo;
  const file = () => own.variables["MONGODB_MASTER_KEY_FILE"] ?? assert.fail();
  const write = (...masterKeys: string[]) => Deno.writeTextFile(file(), masterKeys.join("\n"));

  before(async () => {
    own = await startOwnMongo();
    mongo = await openMongo(own.variables["MONGODB_URI"] ?? assert.fail());
    const [master] = parseMasterKeys(older);
    for (let i = 0; i < KEYS; i++) await insert(await master.wrap(generateAeadKey()));
  });
  after(async () => {
    await mongo.close();
    await own.stop();
  });

  it("tells by --dry-run what it would do, and changes nothing", async () => {
    await write(newer, older);
    const before = await mongo.keyVault.find().toArray();
    const { code, printed } = await run("--dry-run");
    assert.equal(code, 0);
    assert.match(printed, new RegExp(`^${KEYS} of ${KEYS}: data key .* would be put under the first`, "m"));
    assert.match(printed, /Nothing was changed/);
    assert.deepEqual(await mongo.keyVault.find().toArray(), before);
  });

  it("goes on where it was interrupted, while services encrypt and decrypt, and ends under the new key", async () => {
    await write(older);
    let clock = 1_000;
    const masterKeys = openMasterKeyFile({ MONGODB_MASTER_KEY_FILE: file(), APP_ENV: "production" });
    const fields = await openFieldEncryption(mongo.keyVault, "kependudukan-sms", {
      masterKeys: () => Promise.resolve(masterKeys()),
      now: () => clock,
    });
    const written = await fields.encrypt(TELEPON[0], "deterministic");
    const serves = async () => {
      clock += 60_001;
      assert.deepEqual(await fields.decrypt(written), { kind: "value", value: TELEPON[0] });
      assert.deepEqual(await fields.encrypt(TELEPON[0], "deterministic"), written);
    };

    await write(newer, older);
    await serves();
    for await (const { outcome } of rewrap(mongo.keyVault, masterKeys(), { dryRun: false })) {
      assert.equal(outcome, "rewrapped");
      if (await under(newer) === 3) break;
    }
    assert.equal(await under(newer), 3);
    await serves();

    const { code, printed } = await run();
    assert.equal(code, 0);
    assert.equal(printed.match(/ is under the first master key$/gm)?.length, 3);
    assert.equal(printed.match(/ was put under the first master key$/gm)?.length, KEYS - 2);
    assert.match(printed, /^All data keys are under the first master key/m);
    assert.equal(await under(newer), KEYS + 1);
    assert.equal(await under(older), 0);
    await write(newer);
    await serves();
    assert.ok(!printed.includes(newer.slice(0, 20)) && !printed.includes(older.slice(0, 20)));
  });

  it("leaves a data key that no master key opens as it is, does the others, and exits with 1", async () => {
    const [lost, next] = [parseMasterKeys(foreign)[0], generateMasterKey()];
    const keyMaterial = await lost.wrap(generateAeadKey());
    const id = await insert(keyMaterial);
    await write(next, newer);
    const { code, printed } = await run();
    assert.equal(code, 1);
    assert.match(printed, new RegExp(`data key ${id} .* is opened by none of the master keys`));
    assert.match(printed, new RegExp(`^1 of ${KEYS + 2} data keys are not under the first master key`, "m"));
    assert.equal(await under(next), KEYS + 1);
    const left = await mongo.keyVault.findOne({ _id: id });
    assert.equal(left?.keyMaterial.toString("hex"), new Binary(keyMaterial).toString("hex"));
  });

  it("says what to set when a variable is missing", async () => {
    for (const name of ["MONGODB_URI", "MONGODB_MASTER_KEY_FILE"]) {
      const { code, printed } = await run("", { [name]: "" });
      assert.equal(code, 1);
      assert.match(printed, new RegExp(`^${name} is not set: `));
    }
  });

  async function run(argument = "", variables: Record<string, string> = {}) {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "mongodb:rewrap", ...(argument ? [argument] : [])],
      env: { ...own.variables, ...variables, NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    return { code, printed: decoder.decode(stdout) + decoder.decode(stderr) };
  }

  async function insert(keyMaterial: Uint8Array): Promise<UUID> {
    const [_id, at] = [new UUID(), new Date()];
    await mongo.keyVault.insertOne({
      _id,
      keyMaterial: new Binary(keyMaterial),
      creationDate: at,
      updateDate: at,
      status: 0,
      masterKey: { provider: "local" },
    });
    return _id;
  }

  /** How many data keys this master key opens. */
  async function under(masterKey: string): Promise<number> {
    const keys = await mongo.keyVault.find().toArray();
    const opened = await Promise.all(keys.map((key) => unwrap(key, parseMasterKeys(masterKey))));
    return opened.filter((bytes) => bytes !== undefined).length;
  }
});

const KEYS = 20;
