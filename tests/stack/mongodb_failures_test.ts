import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import type { Mongo } from "../../shared/adapters/mongodb/connect.ts";
import { openMongoSmsLedger } from "../../shared/adapters/mongodb/sms_ledger.ts";
import { openMongoStatisticsStore } from "../../shared/adapters/mongodb/statistics_store.ts";
import { parseTelepon, smsId, type SmsIntent, type SmsLedger } from "../../shared/ports/sms.ts";
import type { CountableEvent, StatisticsStore } from "../../shared/ports/statistics_store.ts";
import { PENDUDUK, TELEPON } from "../fixtures.ts";
import { countsOf, residents } from "./counted.ts";
import { type Failure, openTestMongo, type TestMongo, whileFailing } from "./mongodb.ts";

// All in this file, since the server fails in one way at a time and test files run side by side.
describe("While MongoDB fails", () => {
  let test: TestMongo;
  /** The server fails this one's commands only. */
  let failing: Mongo;
  const whileIt = <T>(failure: Failure, work: () => Promise<T>) =>
    whileFailing(test.mongo, { appName: "failing", ...failure }, work);

  before(async () => {
    test = await openTestMongo();
    failing = await test.open({ appName: "failing" });
  });
  after(async () => {
    await failing.close();
    await test.drop();
  });
  beforeEach(async () => {
    await test.mongo.db.dropDatabase();
  });

  it("a process that finds no majority at its start tells so by MONGODB_URI", async () => {
    const sentence = "names a MongoDB that cannot be reached: no majority of its replica set takes a write";
    await whileIt(
      { failCommands: ["update"], ...NO_MAJORITY },
      () =>
        assert.rejects(test.open({ appName: "failing", withinMs: 3_000 }), {
          name: "Unusable",
          message: `MONGODB_URI ${sentence}`,
        }),
    );
  });

  describe("the statistics store", () => {
    let store: StatisticsStore;
    let events: CountableEvent[];
    const apply = () => store.apply({ epoch: "e", partition: 0, events });

    beforeEach(async () => {
      store = await openMongoStatisticsStore(failing);
      events = residents(40);
    });
    afterEach(async () => {
      assert.deepEqual(await apply(), { counted: 0, repeated: 40 });
      assert.deepEqual((await store.read()).provinces, countsOf(events));
    });

    for (const command of ["insert", "find", "bulkWrite"]) {
      it(`counts through one lost connection at "${command}"`, async () => {
        const failure = { failCommands: [command], ...LOST, ...ONCE };
        assert.deepEqual(await whileIt(failure, apply), { counted: 40, repeated: 0 });
      });

      it(`counts through one change of the primary at "${command}"`, async () => {
        const failure = { failCommands: [command], ...NOT_PRIMARY, ...ONCE };
        assert.deepEqual(await whileIt(failure, apply), { counted: 40, repeated: 0 });
      });

      it(`rejects a batch that keeps losing connections at "${command}", and counts it when it comes again`, async () => {
        await whileIt({ failCommands: [command], ...LOST }, () => assert.rejects(apply()));
        await apply();
      });
    }

    for (const command of ["insert", "bulkWrite"]) {
      it(`rejects a batch that no majority took at "${command}", and counts it once when it comes again`, async () => {
        await whileIt({ failCommands: [command], ...NO_MAJORITY }, () => assert.rejects(apply()));
        await apply();
      });
    }

    it("does not take known events for durable while no majority has them", async () => {
      await apply();
      await whileIt({ failCommands: ["insert"], ...NO_MAJORITY }, () => assert.rejects(apply()));
    });
  });

  describe("the SMS ledger", () => {
    let ledger: SmsLedger;
    const claim = (message: SmsIntent) => ledger.claim(message, new AbortController().signal);

    beforeEach(async () => {
      ledger = await openMongoSmsLedger(failing, test.encryption, { leaseMs: 0 });
    });

    it("claims through a lost connection, each message once", async () => {
      const messages = [message("1"), message("2"), message("3")];
      const claiming = () => Promise.all(messages.map(claim));
      const failure = { failCommands: ["insert"], ...LOST, ...ONCE };
      assert.deepEqual(await whileIt(failure, claiming), ["claimed", "claimed", "claimed"]);
      assert.deepEqual(await claiming(), ["known", "known", "known"]);
    });

    it("lets nobody send what no majority has, and hands it out after its lease", async () => {
      await whileIt({ failCommands: ["insert"], ...NO_MAJORITY }, async () => {
        await assert.rejects(claim(message("1")));
        await assert.rejects(claim(message("1")));
      });
      assert.equal(await claim(message("1")), "known");
      assert.deepEqual(await ledger.takeOver(2), [message("1")]);
    });

    it("does not hand out what it may not have taken over", async () => {
      await claim(message("1"));
      await whileIt({ failCommands: ["update"], ...NO_MAJORITY }, () => assert.rejects(ledger.takeOver(2)));
      assert.deepEqual(await ledger.takeOver(2), [message("1")]);
    });
  });
});

const ONCE = { mode: { times: 1 } } as const;
/** Before the command is carried out. */
const LOST = { closeConnection: true } as const;
const NOT_PRIMARY = { errorCode: 10_107 };
/** After the command was carried out. */
const NO_MAJORITY = { writeConcernError: { code: 64, errmsg: "waiting for replication timed out" } };

function message(eventId: string): SmsIntent {
  const to = parseTelepon(TELEPON[1]) ?? assert.fail();
  return { id: smsId(eventId, "default"), eventId, to, body: `Pendaftaran Baru: ${PENDUDUK[1].nama}` };
}
