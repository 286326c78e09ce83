import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { deadLetters } from "../../shared/dead_letters/dead_letters.ts";
import { readLetters } from "../../shared/dead_letters/letters.ts";
import { replay } from "../../shared/dead_letters/replay.ts";
import { decode } from "../../shared/events/penduduk_event.ts";
import type { EventRecord } from "../../shared/ports/event_log.ts";
import {
  LEASE_MS,
  parseTelepon,
  type SmsId,
  smsId,
  type SmsLedger,
  type SmsSender,
} from "../../shared/ports/sms.ts";
import { FakeEventLog } from "../../tests/fakes/event_log.ts";
import { batchOf, eventKeys, kodeProvinsi, registration } from "../../tests/fakes/registrations.ts";
import { type FakeAnswer, FakeLedgerStore, FakeOfficers, FakeSender } from "../../tests/fakes/sms.ts";
import { TELEPON } from "../../tests/fixtures.ts";
import { notify } from "./consumer.ts";
import { Delivery } from "./delivery.ts";
import { Pace } from "./pace.ts";
import { Recovery } from "./recovery.ts";

describe("Over any crashes, naps and redeliveries", () => {
  for (const idempotent of [false, true]) {
    it(`each officer gets each event at most once, and none is lost silently (idempotent: ${idempotent})`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 5 }), lives, async (events, lives) => {
          const world = new World(events, new FakeSender({ idempotent }));
          for (const life of lives) await world.live(life);
          await world.comeToRest();
          await world.assertHonest();
        }),
        { numRuns: 300 },
      );
    });

    it(`a replay of all dead letters gets each event to each officer exactly once (idempotent: ${idempotent})`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 5 }), lives, replays, async (events, lives, replays) => {
          const world = new World(events, new FakeSender({ idempotent }));
          for (const life of lives) await world.live(life);
          await world.comeToRest();
          // What was wrong with the numbers is mended, and a person replays, more than once and through crashes.
          world.refusedIds.clear();
          for (const life of replays) await world.live({ ...life, ...REPLAY });
          const calm = { steps: Infinity, lookUp: "truth" } as const;
          for (let i = 0; i < 3; i++) await world.live({ ...calm, ...REPLAY, answers: [] });
          world.assertAllSent();
        }),
        { numRuns: 150 },
      );
    });
  }
});

/** What outlives the processes: the events, the ledger, the provider, the dead letters, the time. */
class World {
  clock = 0;
  readonly store = new FakeLedgerStore(() => this.clock);
  readonly refusedIds = new Set<SmsId>();
  readonly letters = new FakeEventLog();
  readonly ids: readonly SmsId[];
  readonly #events: readonly { readonly id: string; readonly record: EventRecord }[];
  readonly #officers = new FakeOfficers(telepon(0));
  readonly #sleepers: { readonly process: Process; readonly done: Promise<unknown> }[] = [];

  constructor(events: number, readonly sender: FakeSender) {
    this.#officers.byProvince.set(kodeProvinsi("32"), [
      { id: "a", telepon: telepon(0) },
      { id: "b", telepon: telepon(1) },
    ]);
    this.#events = Array.from({ length: events }, (_, i) => {
      const id = crypto.randomUUID();
      return { id, record: registration({ ring, id, kode: i % 2 === 0 ? "32" : "11" }) };
    });
    this.ids = this.#events.flatMap(({ id }, i) =>
      (i % 2 === 0 ? ["a", "b"] : ["default"]).map((officer) => smsId(id, officer))
    );
    this.ids.forEach((id, i) => i % 5 === 4 && this.refusedIds.add(id));
  }

  /** One process: is given a stretch of the events and recovers, until it has done so, dies or falls asleep. */
  async live({ from, count, recovers, replays = false, ...life }: Life): Promise<void> {
    const { steps, end, answers, lookUp, later } = life;
    let next = 0;
    this.sender.answer = ({ id }) => {
      return this.refusedIds.has(id) ? { kind: "refused", code: "21211" } : answers[next++] ?? "sent";
    };
    this.sender.lookUp = lookUp;
    const process = new Process(steps);
    const records = this.#events.slice(from, from + count).map(({ record }) => record);
    if (replays) records.push(...await this.#replays());
    const done = this.#run(process, records, recovers);
    await Promise.race([done, process.down]);
    if (end === "sleeps") this.#sleepers.push({ process, done });
    this.clock += later ? LEASE_MS : 0;
  }

  /** Sleepers wake up, and a process without mishaps is given all events again. */
  async comeToRest(): Promise<void> {
    for (const { process } of this.#sleepers) process.wake();
    await Promise.all(this.#sleepers.map(({ done }) => done));
    const calm = {
      from: 0,
      count: this.#events.length,
      recovers: true,
      steps: Infinity,
      end: "dies",
    } as const;
    for (let i = 0; i < 2; i++) await this.live({ ...calm, answers: [], lookUp: "truth", later: true });
  }

  /** Those of all letters there ever were, also of such as were replayed before. */
  async #replays(): Promise<readonly EventRecord[]> {
    const log = new FakeEventLog();
    const never = new AbortController().signal;
    await replay(readLetters(this.letters, never), { eventLog: log, signal: never });
    return log.records("pendaftaran-events");
  }

  assertAllSent(): void {
    for (const id of this.ids) {
      assert.equal(this.sender.taken.filter((sms) => sms.id === id).length, 1);
      assert.equal(this.store.state(id), "sent");
    }
  }

  async assertHonest(): Promise<void> {
    const [refusals, parked] = [new Set<string>(), new Set<string>()];
    for await (const { record, failure } of readLetters(this.letters, AbortSignal.timeout(1_000))) {
      const decoded = decode(record.value);
      if (decoded.kind === "event") refusals.add(decoded.event.id);
      if (failure.smsId !== undefined) parked.add(failure.smsId);
    }
    for (const id of this.ids) {
      const times = this.sender.taken.filter((sms) => sms.id === id).length;
      const state = this.store.state(id);
      assert.ok(times <= 1, "an officer got an event twice");
      assert.ok(state && state !== "claimed", "a message has no end");
      if (state === "sent") assert.equal(times, 1);
      if (state === "refused") assert.ok(refusals.has(id.split(":")[0] ?? "") && times === 0);
      if (state === "parked") assert.ok(parked.has(id), "nobody would ever know");
      if (state === "parked" && this.sender.idempotent) assert.ok(this.refusedIds.has(id));
    }
    assert.equal(this.store.rows.size, this.ids.length);
  }

  async #run(
    process: Process,
    records: readonly EventRecord[],
    recovers: boolean,
  ): Promise<void> {
    const ledger = throughProcess(process, this.store.open());
    const sender = senderThrough(process, this.sender);
    // A clock that leaps whenever it is looked at: no pause lasts.
    let leaps = 0;
    const pace = new Pace({ now: () => leaps += 1e9 });
    const letters = deadLetters({
      publish: (topic, records, signal) => process.call(() => this.letters.publish(topic, records, signal)),
    }, { group: "notification-group" });
    const parts = {
      delivery: new Delivery({ ledger, sender, pace, inFlight: 3 }),
      officers: this.#officers,
      deadLetters: letters,
      eventKeys: ring,
      nikMode: "masked" as const,
    };
    await Promise.all([
      records.length > 0 ? notify(batchOf(records), parts) : undefined,
      recovers
        ? new Recovery({ ledger, sender, pace, deadLetters: letters }).processAll(
          new AbortController().signal,
        )
        : undefined,
    ]);
  }
}

/** Everything a process does to the world goes through `call`; before or after one of them it stops dead. */
class Process {
  readonly down: Promise<void>;
  readonly #fall: () => void;
  readonly #awake = Promise.withResolvers<void>();
  #steps: number;

  constructor(steps: number) {
    this.#steps = steps;
    const { promise, resolve } = Promise.withResolvers<void>();
    [this.down, this.#fall] = [promise, resolve];
  }

  async call<T>(effect: () => Promise<T>): Promise<T> {
    await this.#step();
    const result = await effect();
    await this.#step();
    return result;
  }

  wake(): void {
    this.#steps = Infinity;
    this.#awake.resolve();
  }

  async #step(): Promise<void> {
    if (this.#steps-- > 0) return;
    this.#fall();
    await this.#awake.promise;
  }
}

function throughProcess(process: Process, ledger: SmsLedger): SmsLedger {
  return {
    claim: (intent, signal) => process.call(() => ledger.claim(intent, signal)),
    release: (id) => process.call(() => ledger.release(id)),
    settle: (id, outcome) => process.call(() => ledger.settle(id, outcome)),
    report: (id, report) => process.call(() => ledger.report(id, report)),
    takeOver: (limit) => process.call(() => ledger.takeOver(limit)),
    find: (id) => process.call(() => ledger.find(id)),
    reopen: (intent) => process.call(() => ledger.reopen(intent)),
    recent: (limit) => ledger.recent(limit),
    counts: () => ledger.counts(),
    check: (signal) => ledger.check(signal),
    close: () => ledger.close(),
  };
}

function senderThrough(process: Process, sender: FakeSender): SmsSender {
  return {
    idempotent: sender.idempotent,
    ordered: sender.ordered,
    send: (sms) => process.call(() => sender.send(sms)),
    find: (sms) => process.call(() => sender.find(sms)),
    check: () => sender.check(),
  };
}

const answer = fc.oneof(
  { weight: 3, arbitrary: fc.constant<FakeAnswer>("sent") },
  fc.constantFrom<FakeAnswer>("lost-answer", "lost-call", { kind: "throttled", retryAfterMs: 1_000 }),
);

const lives = fc.array(
  fc.record({
    from: fc.nat({ max: 4 }),
    count: fc.nat({ max: 5 }),
    recovers: fc.boolean(),
    /** Calls that the process makes before it stops. */
    steps: fc.oneof(fc.nat({ max: 40 }), fc.constant(Infinity)),
    end: fc.constantFrom("dies", "sleeps"),
    answers: fc.array(answer, { maxLength: 6 }),
    lookUp: fc.constantFrom("truth", "knows-nothing", "away"),
    /** Whether the leases run out before the next life begins. */
    later: fc.boolean(),
  }),
  { maxLength: 6 },
);
type Life = (typeof lives extends fc.Arbitrary<(infer L)[]> ? L : never) & { readonly replays?: boolean };

/**
 * Lives in which a person replays. The provider lists what it took by then, and nobody who slept through a lease wakes
 * up any more: against these nothing could keep a parked message, once it is sent again, from coming twice.
 */
const replays = fc.array(
  fc.record({
    steps: fc.oneof(fc.nat({ max: 40 }), fc.constant(Infinity)),
    answers: fc.array(answer, { maxLength: 6 }),
    lookUp: fc.constantFrom("truth", "away"),
  }),
  { maxLength: 3 },
);
const REPLAY = { from: 0, count: 0, recovers: true, replays: true, end: "dies", later: true } as const;

const ring = eventKeys();

function telepon(i: 0 | 1) {
  return parseTelepon(TELEPON[i]) ?? assert.fail();
}
