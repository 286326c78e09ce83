import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, before, describe, it } from "@std/testing/bdd";
import { BSON } from "mongodb";
import { MESSAGES, openMongoSmsLedger } from "../../shared/adapters/mongodb/sms_ledger.ts";
import { parseTelepon, smsId, type SmsIntent } from "../../shared/ports/sms.ts";
import { generateKeys, type KeyRing, parseKeys } from "../../shared/security/key_ring.ts";
import { smsLedgerContract } from "../contract/sms_ledger_contract.ts";
import { PENDUDUK, TELEPON } from "../fixtures.ts";
import { openTestMongo, type TestMongo } from "./mongodb.ts";

smsLedgerContract("MongoDB", async () => {
  const { mongo, drop } = await openTestMongo();
  const { columns } = parseKeys(generateKeys(new Date()));
  return {
    open: (options) => openMongoSmsLedger(mongo, columns, options),
    close: drop,
  };
});

describe("The SMS ledger in MongoDB, looked at from outside,", () => {
  let test: TestMongo;
  const older = parseKeys(generateKeys(new Date("2026-01-01"))).columns;
  const newer = parseKeys(generateKeys(new Date("2026-02-01"))).columns;
  const both: KeyRing = { active: newer.active, keys: new Map([...older.keys, ...newer.keys]) };
  const open = (ring = both, leaseMs = 0) => openMongoSmsLedger(test.mongo, ring, { leaseMs });

  before(async () => {
    test = await openTestMongo();
  });
  after(async () => await test.drop());

  it("holds neither recipient nor text in clear", async () => {
    await (await open()).claim(message("clear"), NEVER);
    const documents = await test.mongo.db.collection(MESSAGES).find().toArray();
    assert.equal(documents.length, 1);
    const bytes = Buffer.from(BSON.serialize({ documents }));
    assert.ok(bytes.includes("clear:default"));
    for (const secret of [TELEPON[1].slice(1), PENDUDUK[1].nama]) assert.ok(!bytes.includes(secret));
  });

  it("reads what was written under a retired key, and reports what it has no key for without failing", async () => {
    await (await open(older)).claim(message("old"), NEVER);
    await (await open(both)).claim(message("new"), NEVER);
    const texts = async (ring: KeyRing) => {
      const entries = await (await open(ring)).recent(2);
      return entries.map(({ eventId, to, body }) => [eventId, to, body]);
    };
    assert.deepEqual(await texts(both), [["new", TELEPON[1], BODY], ["old", TELEPON[1], BODY]]);
    assert.deepEqual(await texts(newer), [["new", TELEPON[1], BODY]]);
    const taken = await (await open(newer)).takeOver(10);
    assert.ok(taken.some(({ eventId }) => eventId === "new"));
    assert.ok(!taken.some(({ eventId }) => eventId === "old"));
  });
});

const BODY = `Pendaftaran Baru: ${PENDUDUK[1].nama} dari Aceh`;
const NEVER = new AbortController().signal;

function message(eventId: string): SmsIntent {
  return {
    id: smsId(eventId, "default"),
    eventId,
    to: parseTelepon(TELEPON[1]) ?? assert.fail(),
    body: BODY,
  };
}
