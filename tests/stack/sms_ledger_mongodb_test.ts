import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { Binary } from "mongodb";
import { MESSAGES, openMongoSmsLedger } from "../../shared/adapters/mongodb/sms_ledger.ts";
import { parseTelepon, smsId, type SmsIntent } from "../../shared/ports/sms.ts";
import { smsLedgerContract } from "../contract/sms_ledger_contract.ts";
import { PENDUDUK, TELEPON } from "../fixtures.ts";
import { clearText, isEncrypted } from "./encrypted_fields.ts";
import { openTestMongo, type TestMongo } from "./mongodb.ts";

smsLedgerContract("MongoDB", async () => {
  const { mongo, encryption, drop } = await openTestMongo();
  return {
    open: (options) => openMongoSmsLedger(mongo, encryption, options),
    close: drop,
  };
});

describe("The SMS ledger in MongoDB, looked at from outside,", () => {
  let test: TestMongo;
  const open = () => openMongoSmsLedger(test.mongo, test.encryption, { leaseMs: 0 });
  const messages = () => test.mongo.db.collection<{ _id: string }>(MESSAGES);

  before(async () => {
    test = await openTestMongo();
  });
  after(async () => await test.drop());

  it("holds recipient and text as encrypted binary of subtype 6 and nowhere else", async () => {
    await (await open()).claim(message("clear"), NEVER);
    const documents: Stored[] = await messages().find<Stored>({}).toArray();
    assert.equal(documents.length, 1);
    for (const { to, body } of documents) assert.ok(isEncrypted(to) && isEncrypted(body));
    assert.ok(clearText(documents).includes("clear:default"));
    for (const secret of [TELEPON[1].slice(1), PENDUDUK[1].nama]) {
      assert.ok(!clearText(documents).includes(secret));
    }
  });

  it("shows which recipients are equal, and of the texts nothing", async () => {
    await (await open()).claim(message("equal"), NEVER);
    const [one, other]: Stored[] = await messages().find<Stored>({}).toArray();
    assert.deepEqual(one?.to, other?.to);
    assert.notDeepEqual(one?.body, other?.body);
  });

  it("passes over what it cannot read, such as what was stored in clear or in another format", async () => {
    const foreign = [
      TELEPON[1],
      null,
      new Binary(new Uint8Array(100), Binary.SUBTYPE_USER_DEFINED),
      new Binary(new Uint8Array(100), Binary.SUBTYPE_ENCRYPTED),
    ];
    const ledger = await open();
    for (const [i, to] of foreign.entries()) {
      await ledger.claim(message(`foreign ${i}`), NEVER);
      await messages().updateOne({ _id: smsId(`foreign ${i}`, "default") }, { $set: { to } });
    }
    await ledger.claim(message("readable"), NEVER);
    const read = (await ledger.recent(10)).map(({ eventId }) => eventId);
    assert.deepEqual(read, ["readable", "equal", "clear"]);
    const taken = (await ledger.takeOver(10)).map(({ eventId }) => eventId);
    assert.deepEqual(taken, ["clear", "equal", "readable"]);
  });
});

const BODY = `Pendaftaran Baru: ${PENDUDUK[1].nama} dari Aceh`;
const NEVER = new AbortController().signal;

interface Stored {
  readonly to: unknown;
  readonly body: unknown;
}

function message(eventId: string): SmsIntent {
  return {
    id: smsId(eventId, "default"),
    eventId,
    to: parseTelepon(TELEPON[1]) ?? assert.fail(),
    body: BODY,
  };
}
