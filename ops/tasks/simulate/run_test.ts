import assert from "node:assert/strict";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { parseProvinsi } from "../../../shared/penduduk/provinsi.ts";
import { SimulationFailed } from "./edge_client.ts";
import { simulate } from "./run.ts";

describe("A simulation", () => {
  let fleet = new InMemoryFleet();
  let stop = new AbortController();
  let clock = 0;
  beforeEach(() => {
    fleet = new InMemoryFleet();
    stop = new AbortController();
    clock = 0;
  });

  const run = (options: { count?: number; seed?: number } = {}) =>
    simulate({
      count: 200,
      concurrency: 10,
      seed: 1,
      url: "http://edge",
      identity: "http://edge",
      operations: "http://edge",
      secret: "s",
      json: false,
      ...options,
    }, {
      fetch: async (input, init) => await fleet.answer(new Request(input, init)),
      now: () => clock,
      sleep: (ms) => {
        clock += ms;
        fleet.catchUp();
        return Promise.resolve();
      },
      random: () => 0.5,
      stop: stop.signal,
      show: () => {},
    });

  it("registers everybody and finds that everything agrees", async () => {
    const report = await run();
    assert.deepEqual(report.problems, []);
    assert.deepEqual(
      { agrees: report.agrees, created: report.created, requests: report.requests, errors: report.errors },
      { agrees: true, created: 200, requests: 200, errors: {} },
    );
    assert.ok((report.caughtUpSeconds.sms ?? 0) >= (report.caughtUpSeconds.statistics ?? Infinity));
    assert.equal(fleet.residents.size, 200);
  });

  it("measures its own residents only, beside those of an earlier run", async () => {
    await run();
    const second = await run({ seed: 2, count: 50 });
    assert.equal(second.agrees, true);
    assert.equal(second.grown?.registry, 50);
  });

  it("waits until an earlier run has been counted before it begins", async () => {
    await run();
    fleet.counted = 100;
    const second = await run({ seed: 2, count: 50 });
    assert.deepEqual(second.problems, []);
  });

  it("counts a run of the same seed as conflicts", async () => {
    await run();
    const again = await run();
    assert.deepEqual([again.created, again.conflicts, again.agrees], [0, 200, true]);
  });

  it("survives a server that stores a resident and dies before it answers", async () => {
    fleet.losesAnswer = (request) => request % 7 === 0;
    const report = await run();
    assert.deepEqual(report.problems, []);
    assert.deepEqual([report.created, report.uncertain], [200, 0]);
    assert.ok((report.retries["CONNECTION"] ?? 0) > 20);
  });

  it("allows for residents whose first answer was lost when the server forgot their key", async () => {
    fleet.losesAnswer = (request) => request % 7 === 0;
    fleet.remembersKeys = false;
    const report = await run();
    assert.deepEqual(report.problems, []);
    assert.ok(report.uncertain > 20 && report.created + report.uncertain === 200);
  });

  it("finds a resident who was answered and not stored", async () => {
    fleet.forgets = (stored) => stored === 100;
    const report = await run();
    assert.equal(report.agrees, false);
    assert.match(report.problems[0] ?? "", /registry grew by 199 residents, but 200 were answered 201/);
  });

  it("finds an SMS that never went out, after waiting a minute for it", async () => {
    fleet.losesSms = 1;
    const report = await run();
    assert.deepEqual(report.problems, [
      "199 SMS were sent of 200 that are due; 0 refused, 0 parked, 0 begun and not ended",
    ]);
    assert.equal(report.caughtUpSeconds.sms, null);
    assert.ok(clock > 60_000 && clock < 90_000);
  });

  it("ends when the edge stays away, and says what was not registered", async () => {
    fleet.diesAt = 100;
    const report = await run();
    assert.equal(report.agrees, false);
    assert.match(report.problems[0] ?? "", /of 200 residents were not registered/);
    assert.match(report.problems[1] ?? "", /no connection/);
    assert.ok(clock < 15 * 60_000, "one patience for all, not one for each");
  });

  it("begins nothing when it is told to stop, and finishes what is under way", async () => {
    fleet.onRequest = (request) => request === 50 && stop.abort();
    const report = await run();
    assert.equal(report.stopped, true);
    assert.ok(report.created >= 50 && report.created <= 60);
    assert.equal(fleet.residents.size, report.created);
  });

  it("does not begin when the system is not up", async () => {
    fleet.diesAt = 0;
    await assert.rejects(run(), (error: unknown) => {
      assert.ok(error instanceof SimulationFailed);
      assert.match(error.message, /no connection \(is the system up at "http:\/\/edge"\?\)/);
      return true;
    });
  });
});

/** The whole system as one object, whose consumers move on when somebody waits. */
class InMemoryFleet {
  readonly residents = new Map<string, string>();
  readonly #answered = new Set<string>();
  /** Residents whom the consumers have seen. */
  counted = 0;
  losesSms = 0;
  diesAt = Infinity;
  remembersKeys = true;
  losesAnswer: (request: number) => boolean = () => false;
  forgets: (stored: number) => boolean = () => false;
  onRequest: (request: number) => void = () => {};
  #requests = 0;

  catchUp(): void {
    this.counted = Math.min(this.residents.size, this.counted + 60);
  }

  async answer(request: Request): Promise<Response> {
    if (this.#requests >= this.diesAt) throw new TypeError("connection refused");
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/token")) return Response.json({ access_token: "t", expires_in: 300 });
    if (pathname === "/stats") return Response.json(this.#stats());
    if (pathname === "/reconcile") return Response.json(this.#counts());
    this.onRequest(++this.#requests);
    const answer = this.#register(request.headers.get("idempotency-key") ?? "", await request.json());
    if (this.losesAnswer(this.#requests)) throw new TypeError("connection reset");
    return answer;
  }

  #register(key: string, { nik, provinsi }: { nik: string; provinsi: string }): Response {
    if (this.remembersKeys && this.#answered.has(key)) return Response.json({}, { status: 201 });
    if (this.residents.has(nik)) return Response.json({ code: "NIK_REGISTERED" }, { status: 409 });
    const parsed = parseProvinsi(provinsi);
    assert.ok(parsed.kind === "provinsi");
    this.#answered.add(key);
    if (!this.forgets(this.#answered.size)) this.residents.set(nik, parsed.kode);
    return Response.json({}, { status: 201 });
  }

  #stats() {
    const seen = [...this.residents.values()].slice(0, this.counted);
    return [...new Set(seen)].map((kode) => ({ kode, jumlah: seen.filter((one) => one === kode).length }));
  }

  #counts() {
    const registry = this.residents.size;
    const sent = Math.max(0, this.counted - this.losesSms);
    return {
      registry,
      cancelled: {},
      outbox: 0,
      events: registry,
      statistics: this.counted,
      sms: { claimed: 0, sent, refused: 0, parked: 0 },
      smsExpected: registry,
      deadLetters: 0,
    };
  }
}
