import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import {
  parseTelepon,
  smsId,
  type SmsIntent,
  type SmsLedger,
  type SmsOutcome,
  type SmsReceipt,
  type SmsReport,
  type SmsState,
} from "../../shared/ports/sms.ts";
import { PENDUDUK, TELEPON } from "../fixtures.ts";

/** What every ledger promises. Each `open` answers another owner over one store, which begins empty. */
export function smsLedgerContract(name: string, openStore: () => Promise<LedgerStore>): void {
  describe(`The SMS ledger in ${name}`, () => {
    let store: LedgerStore;
    let ledger: SmsLedger;
    let other: SmsLedger;
    /** Its claims are due at once, those of the others not before the suite has ended. */
    let hasty: SmsLedger;
    const entry = async ({ id }: SmsIntent) => (await ledger.recent(1000)).find((entry) => entry.id === id);
    const claim = (intent: SmsIntent, by = ledger) => by.claim(intent, NEVER);

    before(async () => {
      store = await openStore();
      [ledger, other] = [await store.open({ leaseMs: HOUR_MS }), await store.open({ leaseMs: HOUR_MS })];
      hasty = await store.open({ leaseMs: 0 });
    });
    after(async () => {
      await Promise.all([ledger, other, hasty].map((one) => one.close()));
      await store.close();
    });

    it("claims a message once, and knows it ever after", async () => {
      const message = intent();
      assert.equal(await claim(message), "claimed");
      assert.equal(await claim(message), "known");
      assert.equal(await claim(message, other), "known");
      await ledger.settle(message.id, SENT);
      assert.equal(await claim(message), "known");
    });

    it("keeps what was claimed word for word", async () => {
      const message = intent({ body: "Pendaftaran Baru: 'X' \"Y\" \\ {}, \nNULL" });
      await claim(message);
      const { claimedAt, ...kept } = await entry(message) ?? assert.fail("the entry is missing");
      const unset = { providerId: undefined, code: undefined, receipt: undefined };
      assert.deepEqual(kept, { ...message, state: "claimed", ...unset });
      assert.ok(Math.abs(claimedAt.getTime() - Date.now()) < 60_000);
    });

    it("gives a message that comes twice at once to one of the callers", async () => {
      const message = intent();
      const answers = await Promise.all([claim(message), claim(message), claim(message)]);
      assert.deepEqual(answers, ["claimed", "known", "known"]);
    });

    it("gives each message to exactly one of two owners that claim all of them in opposite orders", async () => {
      // Ten times, since a deadlock needs both statements in the middle of their work.
      for (let round = 0; round < 10; round++) {
        const messages = Array.from({ length: 500 }, () => intent());
        const backwards = messages.toReversed();
        const [first, second] = await Promise.all([
          Promise.all(messages.map((message) => claim(message))),
          Promise.all(backwards.map((message) => claim(message, other))),
        ]);
        second.reverse();
        messages.forEach((_, i) => assert.deepEqual([first[i], second[i]].sort(), ["claimed", "known"]));
      }
    });

    it("resolves overlapping claims in the order of the calls", async () => {
      const order: number[] = [];
      await Promise.all(
        Array.from({ length: 1200 }, (_, i) => claim(intent()).then(() => order.push(i))),
      );
      assert.deepEqual(order, order.toSorted((a, b) => a - b));
    });

    it("claims nothing when the caller has gone", async () => {
      const message = intent();
      await assert.rejects(ledger.claim(message, AbortSignal.abort(new Error("gone"))), /gone/);
      assert.equal(await entry(message), undefined);
    });

    it("forgets a claim that its owner releases", async () => {
      const message = intent();
      await claim(message);
      await ledger.release(message.id);
      assert.equal(await entry(message), undefined);
      assert.equal(await claim(message, other), "claimed");
    });

    it("releases neither another owner's claim nor a settled message", async () => {
      const [foreign, settled] = [intent(), intent()];
      await claim(foreign, other);
      await claim(settled);
      await ledger.settle(settled.id, SENT);
      await Promise.all([ledger.release(foreign.id), ledger.release(settled.id)]);
      assert.equal(await claim(foreign), "known");
      assert.equal(await claim(settled), "known");
    });

    it("keeps each kind of outcome", async () => {
      for (const outcome of [SENT, REFUSED, PARKED]) {
        const message = intent();
        await claim(message);
        await ledger.settle(message.id, outcome);
        assert.deepEqual(await outcomeOf(message), outcome);
      }
    });

    it("lets a late answer replace a parked outcome, and nothing replace a final one", async () => {
      for (
        const [first, second, kept] of [
          [PARKED, SENT, SENT],
          [PARKED, REFUSED, REFUSED],
          [SENT, PARKED, SENT],
          [SENT, REFUSED, SENT],
          [REFUSED, SENT, REFUSED],
          [REFUSED, PARKED, REFUSED],
        ] as const
      ) {
        const message = intent();
        await claim(message);
        await ledger.settle(message.id, first);
        await ledger.settle(message.id, second);
        assert.deepEqual(await outcomeOf(message), kept);
      }
    });

    it("leaves claims alone while their lease runs, and settled messages for ever", async () => {
      const [running, settled] = [intent(), intent()];
      await claim(running);
      await claim(settled, hasty);
      await hasty.settle(settled.id, SENT);
      const taken = await takeOverAll(other);
      assert.ok(!taken.some(({ id }) => id === running.id || id === settled.id));
    });

    it("hands a message whose lease ran out to exactly one other owner, whole", async () => {
      const messages = Array.from({ length: 40 }, () => intent());
      await Promise.all(messages.map((message) => claim(message, hasty)));
      const taken = (await Promise.all([takeOverAll(ledger), takeOverAll(other)])).flat();
      const ours = taken.filter(({ id }) => messages.some((message) => message.id === id));
      assert.deepEqual(ours.toSorted(byId), messages.toSorted(byId));
    });

    it("takes over no more than it was asked for, the oldest first", async () => {
      await takeOverAll(ledger);
      const messages = Array.from({ length: 3 }, () => intent());
      for (const message of messages) await claim(message, hasty);
      assert.deepEqual(await ledger.takeOver(2), messages.slice(0, 2));
      assert.deepEqual(await ledger.takeOver(2), messages.slice(2));
    });

    it("does not let the former owner release what was taken over", async () => {
      const message = intent();
      await claim(message, hasty);
      await takeOverAll(ledger);
      await hasty.release(message.id);
      assert.equal(await claim(message), "known");
    });

    it("answers the newest first, no more than asked for, also when they were claimed at once", async () => {
      const messages = Array.from({ length: 20 }, () => intent());
      for (const message of messages.slice(0, 3)) await claim(message);
      await Promise.all(messages.slice(3).map((message) => claim(message)));
      const ids = (await ledger.recent(19)).map(({ id }) => id);
      assert.deepEqual(ids, messages.toReversed().slice(0, 19).map(({ id }) => id));
    });

    it("counts the messages of each state", async () => {
      const before = await ledger.counts();
      for (const outcome of [SENT, SENT, REFUSED, PARKED, undefined]) {
        const message = intent();
        await claim(message);
        if (outcome) await ledger.settle(message.id, outcome);
      }
      const expected: Record<SmsState, number> = {
        claimed: before.claimed + 1,
        sent: before.sent + 2,
        refused: before.refused + 1,
        parked: before.parked + 1,
      };
      assert.deepEqual(await ledger.counts(), expected);
    });

    it("takes the provider's report for the proof that it took an open message, and no late outcome after it", async () => {
      for (const before of [undefined, PARKED]) {
        const message = intent();
        await claim(message);
        if (before) await ledger.settle(message.id, before);
        assert.equal(await ledger.report(message.id, ON_ITS_WAY), "recorded");
        assert.deepEqual(await outcomeOf(message), SENT);
        assert.equal((await entry(message))?.code, undefined);
        await ledger.settle(message.id, REFUSED);
        await ledger.settle(message.id, PARKED);
        await ledger.release(message.id);
        assert.deepEqual(await outcomeOf(message), SENT);
        assert.equal(await claim(message), "known");
      }
    });

    it("does not hand over a message whose lease ran out after the provider reported it", async () => {
      const message = intent();
      await claim(message, hasty);
      await ledger.report(message.id, ON_ITS_WAY);
      const taken = await takeOverAll(other);
      assert.ok(!taken.some(({ id }) => id === message.id));
    });

    it("keeps the same last word of the provider in whatever order its reports come, and however often", async () => {
      for (
        const [reports, receipt] of [
          [[ON_ITS_WAY], undefined],
          [[DELIVERED], DELIVERED.receipt],
          [[UNDELIVERED], UNDELIVERED.receipt],
          [[ON_ITS_WAY, DELIVERED, DELIVERED, ON_ITS_WAY], DELIVERED.receipt],
          [[ON_ITS_WAY, UNDELIVERED, ON_ITS_WAY, UNDELIVERED], UNDELIVERED.receipt],
          [[UNDELIVERED, DELIVERED], DELIVERED.receipt],
          [[DELIVERED, UNDELIVERED, ON_ITS_WAY], DELIVERED.receipt],
        ] as const
      ) {
        const message = intent();
        await claim(message);
        await ledger.settle(message.id, SENT);
        for (const report of reports) assert.equal(await ledger.report(message.id, report), "recorded");
        assert.deepEqual((await entry(message))?.receipt, receipt);
        assert.deepEqual(await outcomeOf(message), SENT);
      }
    });

    it("gives way to no report of a message that it does not know, that was refused, or sent under another id", async () => {
      const [stranger, refused, sent] = [intent(), intent(), intent()];
      await claim(refused);
      await ledger.settle(refused.id, REFUSED);
      await claim(sent);
      await ledger.settle(sent.id, { kind: "sent", providerId: "SM2" });
      for (const { id } of [stranger, refused, sent]) {
        assert.equal(await ledger.report(id, DELIVERED), "unknown");
      }
      assert.equal(await entry(stranger), undefined);
      assert.deepEqual(await outcomeOf(refused), REFUSED);
      const kept = await entry(sent);
      assert.deepEqual([kept?.providerId, kept?.receipt], ["SM2", undefined]);
    });

    it("finds what was claimed under an id", async () => {
      const [known, stranger] = [intent({ body: "'Teks' \"apa\" pun" }), intent()];
      await claim(known, other);
      assert.deepEqual(await ledger.find(known.id), known);
      assert.equal(await ledger.find(stranger.id), undefined);
    });

    it("reopens what was refused or parked, as it is meant now, and tells how it had ended and as what", async () => {
      for (const outcome of [REFUSED, PARKED]) {
        const message = intent();
        await claim(message);
        await ledger.settle(message.id, outcome);
        const corrected = { ...message, to: parseTelepon(TELEPON[1]) ?? assert.fail(), body: "Teks baru" };
        const reopened = await other.reopen(corrected);
        assert.deepEqual(reopened, { ended: outcome.kind, earlier: message });
        const { claimedAt: _, ...kept } = await entry(message) ?? assert.fail("the entry is missing");
        const unset = { providerId: undefined, code: undefined, receipt: undefined };
        assert.deepEqual(kept, { ...corrected, state: "claimed", ...unset });
        assert.equal(await claim(message), "known");
        await other.settle(message.id, SENT);
        assert.deepEqual(await outcomeOf(message), SENT);
      }
    });

    it("reopens nothing that was sent, is under way, was reopened already or is not known", async () => {
      const [sent, running, refused, stranger] = [intent(), intent(), intent(), intent()];
      for (const message of [sent, running, refused]) await claim(message);
      await ledger.settle(sent.id, SENT);
      await ledger.settle(refused.id, REFUSED);
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, i) => (i % 2 ? ledger : other).reopen(refused)),
      );
      assert.equal(answers.filter((reopened) => reopened !== undefined).length, 1);
      for (const message of [sent, running, refused, stranger]) {
        assert.equal(await ledger.reopen(message), undefined);
      }
      assert.equal(await entry(stranger), undefined);
      assert.deepEqual(await outcomeOf(sent), SENT);
    });

    it("hands a reopened message over to another owner when its lease runs out, as it is meant now", async () => {
      const message = intent();
      await claim(message);
      await ledger.settle(message.id, PARKED);
      const corrected = { ...message, body: "Teks baru" };
      await hasty.reopen(corrected);
      const taken = await takeOverAll(other);
      assert.deepEqual(taken.filter(({ id }) => id === message.id), [corrected]);
    });

    it("lets only its owner release a reopened message, which is then unknown", async () => {
      const message = intent();
      await claim(message);
      await ledger.settle(message.id, REFUSED);
      await other.reopen(message);
      await ledger.release(message.id);
      assert.equal(await claim(message), "known");
      await other.release(message.id);
      assert.equal(await claim(message), "claimed");
    });

    it("answers that it can be reached", async () => await ledger.check(AbortSignal.timeout(5_000)));

    async function outcomeOf(message: SmsIntent): Promise<SmsOutcome | undefined> {
      const kept = await entry(message);
      if (kept?.state === "sent") return { kind: "sent", providerId: kept.providerId ?? "" };
      if (kept?.state === "claimed" || kept === undefined) return undefined;
      return { kind: kept.state, code: kept.code ?? "" };
    }
  });
}

const SENT: SmsOutcome = { kind: "sent", providerId: "SM1" };
const REFUSED: SmsOutcome = { kind: "refused", code: "21211" };
const PARKED: SmsOutcome = { kind: "parked", code: "NOT_FOUND" };
const ON_ITS_WAY: SmsReport = { providerId: "SM1", receipt: undefined };
const DELIVERED: Reported = { providerId: "SM1", receipt: { kind: "delivered" } };
const UNDELIVERED: Reported = { providerId: "SM1", receipt: { kind: "undelivered", code: "30003" } };
const NEVER = new AbortController().signal;
const HOUR_MS = 3_600_000;

function intent({ body = `Pendaftaran Baru: ${PENDUDUK[0].nama} dari Aceh` } = {}): SmsIntent {
  const eventId = crypto.randomUUID();
  const to = parseTelepon(TELEPON[0]) ?? assert.fail();
  return { id: smsId(eventId, "default"), eventId, to, body };
}

async function takeOverAll(ledger: SmsLedger): Promise<SmsIntent[]> {
  const all: SmsIntent[] = [];
  for (;;) {
    const taken = await ledger.takeOver(7);
    if (taken.length === 0) return all;
    all.push(...taken);
  }
}

function byId(a: SmsIntent, b: SmsIntent): number {
  return a.id < b.id ? -1 : 1;
}

type Reported = SmsReport & { readonly receipt: SmsReceipt };

export interface LedgerStore {
  /** A ledger that is another owner than those opened before. */
  open(options: { readonly leaseMs?: number }): Promise<SmsLedger>;
  close(): Promise<void>;
}
