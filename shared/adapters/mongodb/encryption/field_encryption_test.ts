import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Binary, type DataKey, UUID } from "mongodb";
import { TELEPON } from "../../../../tests/fixtures.ts";
import { generateAeadKey } from "../../../security/aead_cbc_hmac.ts";
import { generateMasterKey, parseMasterKeys } from "../../../security/master_key.ts";
import { fieldEncryption } from "./field_encryption.ts";

describe("Field encryption", () => {
  it("opens the data key once a minute, also when many ask at once", async () => {
    const world = await openWorld();
    const encrypting = () => Promise.all(TELEPON.map((text) => world.fields.encrypt(text, "random")));
    await encrypting();
    world.clock += 59_999;
    await encrypting();
    assert.equal(world.found, 1);
    world.clock += 2;
    await encrypting();
    assert.equal(world.found, 2);
  });

  it("goes on while the data key is rewrapped, the new master key coming first and the old one going last", async () => {
    const world = await openWorld();
    const [older, newer] = [world.file, generateMasterKey()];
    const written = await world.fields.encrypt("Halo", "deterministic");
    const goesOn = async () => {
      world.clock += 60_001;
      assert.deepEqual(await world.fields.decrypt(written), { kind: "value", value: "Halo" });
      assert.deepEqual(await world.fields.encrypt("Halo", "deterministic"), written);
    };
    world.file = `${older}\n${newer}`;
    await goesOn();
    world.file = `${newer}\n${older}`;
    await goesOn();
    await world.wrapBy(newer);
    await goesOn();
    world.file = newer;
    await goesOn();
  });

  it("rejects while no master key opens the data key, and goes on when one does", async () => {
    const world = await openWorld();
    const written = await world.fields.encrypt(TELEPON[0], "random");
    const older = world.file;
    world.file = generateMasterKey();
    world.clock += 60_001;
    const refused = {
      name: "Unusable",
      message: /^MONGODB_MASTER_KEY_FILE holds no key that opens the data key "kependudukan-sms"/,
    };
    await assert.rejects(world.fields.encrypt(TELEPON[0], "random"), refused);
    await assert.rejects(world.fields.decrypt(written), refused);
    await assert.rejects(world.fields.check(), refused);
    world.file = older;
    assert.deepEqual(await world.fields.decrypt(written), { kind: "value", value: TELEPON[0] });
  });

  it("rejects when the data key is lost, rather than to encrypt under none or another", async () => {
    const world = await openWorld();
    world.key = null;
    await assert.rejects(world.fields.encrypt("Halo", "random"), {
      name: "Unusable",
      message:
        'MONGODB_URI leads to a key vault that has lost the data key "kependudukan-sms": restore it from the backup',
    });
  });

  it("rejects with the error of the server when the key vault cannot be asked", async () => {
    const world = await openWorld();
    const written = await world.fields.encrypt("Halo", "random");
    world.away = new Error("connection lost");
    world.clock += 60_001;
    await assert.rejects(world.fields.decrypt(written), { message: "connection lost" });
  });
});

/** One data key, which can be lost, rewrapped or out of reach, and the file of the master keys. */
class World {
  file = generateMasterKey();
  key: DataKey | null = null;
  away: Error | undefined;
  clock = 1_000;
  found = 0;
  readonly #id = new UUID();
  readonly #bytes = generateAeadKey();

  readonly fields = fieldEncryption("kependudukan-sms", () => this.#find(), {
    masterKeys: () => Promise.resolve(parseMasterKeys(this.file)),
    now: () => this.clock,
  });

  async wrapBy(masterKey: string): Promise<void> {
    const [master] = parseMasterKeys(masterKey);
    const at = new Date();
    this.key = {
      _id: this.#id,
      keyMaterial: new Binary(await master.wrap(this.#bytes)),
      masterKey: master.masterKey,
      creationDate: at,
      updateDate: at,
      status: 0,
    };
  }

  #find(): Promise<DataKey | null> {
    this.found++;
    return this.away ? Promise.reject(this.away) : Promise.resolve(this.key);
  }
}

async function openWorld(): Promise<World> {
  const world = new World();
  await world.wrapBy(world.file);
  return world;
}
