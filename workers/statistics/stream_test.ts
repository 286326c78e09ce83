import assert from "node:assert/strict";
import { mock } from "node:test";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { StatisticsEvent } from "../../shared/http/schemas/statistics.ts";
import { PROVINSI } from "../../shared/penduduk/provinsi.ts";
import type { Verification } from "../../shared/ports/identity.ts";
import type { Statistics } from "../../shared/ports/statistics_store.ts";
import { FakeAudit } from "../../tests/fakes/audit.ts";
import { FakeEventLog } from "../../tests/fakes/event_log.ts";
import { callerOf, fakeIdentity, FROM_EDGE } from "../../tests/fakes/identity.ts";
import { createStatisticsApp } from "./app.ts";

describe("GET /stats/stream", () => {
  let store: ChangingStore;
  let shutdown: AbortController;
  let tokenMs: number;
  /** What the provider says of the token, once it is no longer good. */
  let verdict: Verification | undefined;
  let open: () => Promise<Stream>;

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: START });
    store = new ChangingStore();
    shutdown = new AbortController();
    tokenMs = 300_000;
    verdict = undefined;
    const identity = fakeIdentity({
      introspect() {
        if (verdict) return Promise.resolve(verdict);
        const caller = { ...callerOf("sub-admin", "admin"), expiresAt: new Date(START + tokenMs) };
        return Promise.resolve({ kind: "verified", caller });
      },
    });
    const app = createStatisticsApp({
      store,
      eventLog: new FakeEventLog(),
      identity,
      audit: new FakeAudit(),
      shutdown: shutdown.signal,
    });
    open = async () =>
      new Stream(
        await app.request("/stats/stream", { headers: { ...FROM_EDGE, authorization: "Bearer x" } }),
      );
  });
  afterEach(async () => {
    shutdown.abort();
    await settled();
    mock.timers.reset();
  });

  it("tells the present state at once, as an event with an id", async () => {
    store.register(3);
    const stream = await open();
    assert.equal(stream.response.headers.get("content-type"), "text/event-stream");
    assert.equal(stream.response.headers.get("cache-control"), "no-store");
    const { event, id, data } = await stream.next();
    assert.equal(event, "stats");
    assert.equal(id, `${new Date(START).toISOString()}/3`);
    const stats = StatisticsEvent.parse(JSON.parse(data));
    assert.equal(stats.asOf, new Date(START).toISOString());
    assert.equal(stats.jumlah, 3);
    assert.deepEqual(stats.provinsi.map(({ kode }) => kode), PROVINSI.map(({ kode }) => kode));
    assert.deepEqual(stats.provinsi.filter(({ jumlah }) => jumlah > 0), [{ kode: "11", jumlah: 3 }]);
  });

  it("tells of a change within a second, and of none twice", async () => {
    const stream = await open();
    assert.equal((await stream.next()).jumlah, 0);
    store.register(1);
    await pass(1_000);
    assert.equal((await stream.next()).jumlah, 1);
    await pass(2_000);
    store.register(1);
    await pass(1_000);
    assert.equal((await stream.next()).jumlah, 2);
  });

  it("sends a comment after 15 seconds without a change", async () => {
    const stream = await open();
    await stream.next();
    await pass(15_000);
    assert.match(await stream.chunk(), /^: .*\n\n$/);
    store.register(1);
    await pass(1_000);
    assert.equal((await stream.next()).jumlah, 1);
  });

  it("polls the store once for all streams, and not at all while nobody listens", async () => {
    const streams = await Promise.all([open(), open(), open()]);
    for (const stream of streams) await stream.next();
    assert.equal(store.reads, 1);
    await pass(5_000);
    assert.equal(store.reads, 11);
    for (const stream of streams) await stream.cancel();
    await pass(5_000);
    assert.equal(store.reads, 11);
  });

  it("begins with the state of now when it is opened after a time without listeners", async () => {
    const first = await open();
    await first.next();
    await first.cancel();
    store.register(5);
    assert.equal((await (await open()).next()).jumlah, 5);
  });

  it("goes on when the store could not be read for a while", async () => {
    const stream = await open();
    await stream.next();
    store.failure = new Error("Store is away");
    store.register(1);
    await pass(3_000);
    store.failure = undefined;
    await pass(1_000);
    assert.equal((await stream.next()).jumlah, 1);
  });

  it("skips states in between for a client that reads slowly, never the newest", async () => {
    const stream = await open();
    for (let i = 0; i < 8; i++) {
      store.register(1);
      await pass(500);
    }
    const seen: number[] = [];
    do seen.push((await stream.next()).jumlah); while (seen.at(-1) !== 8);
    assert.ok(seen.length < 8 && seen.every((n, i) => i === 0 || n > (seen[i - 1] ?? 0)));
  });

  it("drops a client that takes nothing for 5 seconds", async () => {
    const stream = await open();
    for (let i = 0; i < 20; i++) {
      store.register(1);
      await pass(500);
    }
    store.reads = 0;
    await pass(5_000);
    assert.equal(store.reads, 0);
    assert.ok(await stream.eventsLeft() < 5);
  });

  it("ends when the token expires, and not before", async () => {
    tokenMs = 10_000;
    const stream = await open();
    await stream.next();
    store.register(1);
    await pass(9_900);
    assert.equal((await stream.next()).jumlah, 1);
    await pass(100);
    await stream.end();
    store.reads = 0;
    await pass(5_000);
    assert.equal(store.reads, 0);
  });

  for (
    const [why, said] of [
      ["the user logs out", { kind: "rejected", reason: "inactive" }],
      ["the user is no admin any more", { kind: "verified", caller: callerOf("sub-admin", "petugas") }],
      ["nobody can tell whether the token is good", { kind: "unavailable" }],
    ] as const satisfies [string, Verification][]
  ) {
    it(`ends soon after ${why}`, async () => {
      const stream = await open();
      await stream.next();
      await pass(60_000);
      verdict = said;
      await pass(5_000);
      await stream.eventsLeft();
    });
  }

  it("ends at once on shutdown", async () => {
    const stream = await open();
    await stream.next();
    shutdown.abort();
    await stream.end();
  });

  it("keeps 200 streams at most, and takes a new one when one has gone", async () => {
    const streams = await Promise.all(Array.from({ length: 200 }, open));
    assert.ok(streams.every(({ response }) => response.status === 200));
    const refused = (await open()).response;
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get("retry-after"), "5");
    assert.equal((await refused.json()).code, "OVERLOADED");
    await streams[0]?.cancel();
    await settled();
    assert.equal((await open()).response.status, 200);
  });
});

const START = Date.parse("2026-08-17T03:00:00Z");

/** Residents of Aceh, all alike. */
class ChangingStore {
  #statistics: Statistics = { provinces: [], asOf: undefined };
  reads = 0;
  failure: Error | undefined;

  register(residents: number): void {
    const jumlah = (this.#statistics.provinces[0]?.jumlah ?? 0) + residents;
    const { kode } = PROVINSI[0] ?? assert.fail();
    const count = {
      kode,
      jumlah,
      jenisKelamin: { "laki-laki": jumlah, perempuan: 0 },
      kohort: { "1990": jumlah },
    };
    this.#statistics = { provinces: [count], asOf: new Date() };
  }

  read(): Promise<Statistics> {
    this.reads++;
    return this.failure ? Promise.reject(this.failure) : Promise.resolve(this.#statistics);
  }

  readTrend(): Promise<never> {
    return assert.fail("Expect no stream to read trends");
  }
}

class Stream {
  readonly #reader: ReadableStreamDefaultReader<string> | undefined;

  constructor(readonly response: Response) {
    // A problem is not read as a stream.
    if (response.ok) this.#reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  }

  async chunk(): Promise<string> {
    const { value } = await this.#reader?.read() ?? {};
    return value ?? assert.fail("Expected the stream to go on");
  }

  /** The next event; the fields of its lines and the sum that it tells. */
  async next(): Promise<{ event: string; id: string; data: string; jumlah: number }> {
    const chunk = await this.chunk();
    const field = (name: string) =>
      chunk.match(`(?:^|\n)${name}: (.*)\n`)?.[1] ?? assert.fail(`Find no ${name}`);
    const data = field("data");
    return {
      event: field("event"),
      id: field("id"),
      data,
      jumlah: StatisticsEvent.parse(JSON.parse(data)).jumlah,
    };
  }

  async end(): Promise<void> {
    const { done } = await this.#reader?.read() ?? {};
    assert.ok(done, "Expected the stream to end");
  }

  /** Reads to the end. */
  async eventsLeft(): Promise<number> {
    for (let events = 0;; events++) if ((await this.#reader?.read())?.done !== false) return events;
  }

  async cancel(): Promise<void> {
    await this.#reader?.cancel();
  }
}

/** Lets the faked time pass in small steps, so that timers set on the way go off too. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    mock.timers.tick(100);
    await settled();
  }
}

/** Resolves when all that needs no time is done. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
