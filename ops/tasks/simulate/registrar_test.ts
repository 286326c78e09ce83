import assert from "node:assert/strict";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { EdgeClient } from "./edge_client.ts";
import { type Outcome, register } from "./registrar.ts";

describe("The registrar", () => {
  let clock = 0;
  let keys: (string | null)[] = [];
  let waits: number[] = [];
  let retries: string[] = [];
  let stop = new AbortController();
  beforeEach(() => {
    clock = 0;
    keys = [];
    waits = [];
    retries = [];
    stop = new AbortController();
  });

  /** Registers against an edge that gives these answers, the last one again and again. */
  async function registerWith(...answers: readonly Answer[]): Promise<Outcome> {
    const now = () => clock;
    const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      const request = new Request(input, init);
      if (request.url.endsWith("/token")) return Response.json({ access_token: "t", expires_in: 300 });
      keys.push(request.headers.get("idempotency-key"));
      // Not deepEqual: its message would hold the number.
      assert.ok(await request.text() === JSON.stringify(RESIDENT.body));
      const answer = answers[Math.min(keys.length, answers.length) - 1] ?? assert.fail("Expected an answer");
      if (answer === "lost") throw new TypeError("connection reset");
      return Response.json({ code: answer.code }, answer);
    };
    const edge = new EdgeClient({
      url: "http://edge",
      identity: "http://edge",
      operations: "http://edge",
      secret: "s",
    }, { fetch, now });
    return await register(RESIDENT, edge, {
      now,
      sleep: (ms) => {
        clock += ms;
        waits.push(ms);
        return Promise.resolve();
      },
      random: () => 0.5,
      stop: stop.signal,
      onAnswer: () => {},
      onRetry: (code) => retries.push(code),
    });
  }

  it("is content with a 201", async () => {
    assert.deepEqual(await registerWith({ status: 201 }), { kind: "registered" });
    assert.equal(keys.length, 1);
  });

  it("repeats what was lost or shed under one key, with growing waits", async () => {
    const outcome = await registerWith(
      "lost",
      { status: 502, code: "UPSTREAM_FAILED" },
      { status: 504, code: "UPSTREAM_TIMEOUT" },
      { status: 409, code: "IDEMPOTENCY_IN_FLIGHT" },
      { status: 201 },
    );
    assert.deepEqual(outcome, { kind: "registered" });
    assert.equal(new Set(keys).size, 1);
    assert.match(keys[0] ?? "", /^[0-9a-f-]{36}$/);
    assert.deepEqual(retries, ["CONNECTION", "UPSTREAM_FAILED", "UPSTREAM_TIMEOUT", "IDEMPOTENCY_IN_FLIGHT"]);
    assert.deepEqual(waits, [50, 100, 200, 400]);
  });

  it("waits at least as long as Retry-After says", async () => {
    await registerWith({ status: 429, code: "RATE_LIMITED", headers: { "retry-after": "7" } }, {
      status: 201,
    });
    assert.deepEqual(waits, [7050]);
  });

  it("gives each resident a key of its own", async () => {
    await registerWith({ status: 201 });
    await registerWith({ status: 201 });
    assert.equal(new Set(keys).size, 2);
  });

  it("knows that a conflict may be its own doing only after a try whose outcome was open", async () => {
    const known = { status: 409, code: "NIK_REGISTERED" };
    assert.deepEqual(await registerWith(known), { kind: "conflict", maybeStored: false });
    keys = [];
    assert.deepEqual(await registerWith("lost", known), { kind: "conflict", maybeStored: true });
    keys = [];
    const limited = { status: 429, code: "RATE_LIMITED" };
    assert.deepEqual(await registerWith(limited, known), { kind: "conflict", maybeStored: false });
  });

  it("does not repeat what no repetition mends", async () => {
    const wrong = await registerWith({ status: 400, code: "INVALID_INPUT" });
    assert.deepEqual(wrong, { kind: "failed", code: "INVALID_INPUT", maybeStored: false, gaveUp: false });
    keys = [];
    const broken = await registerWith({ status: 500, code: "INTERNAL" });
    assert.deepEqual(broken, { kind: "failed", code: "INTERNAL", maybeStored: true, gaveUp: false });
    assert.equal(keys.length, 1);
  });

  it("believes the third 401", async () => {
    const outcome = await registerWith({ status: 401, code: "UNAUTHENTICATED" });
    assert.deepEqual(outcome, { kind: "failed", code: "UNAUTHENTICATED", maybeStored: false, gaveUp: false });
    assert.equal(keys.length, 3);
  });

  it("gives up after two minutes, having waited no longer than five seconds at a time", async () => {
    const outcome = await registerWith("lost");
    assert.deepEqual(outcome, { kind: "failed", code: "CONNECTION", maybeStored: true, gaveUp: true });
    assert.ok(clock > 110_000 && clock <= 120_000);
    assert.ok(Math.max(...waits) <= 5000);
  });

  it("tries no more once it is told to stop", async () => {
    stop.abort();
    assert.deepEqual(await registerWith("lost"), { kind: "stopped", maybeStored: true });
    assert.equal(keys.length, 1);
  });
});

const RESIDENT = {
  kode: "32",
  body: { nik: "3201014107909001", nama: "Sari Wamira", alamat: "Jalan Kali 1", provinsi: "Jawa Barat" },
};

type Answer = "lost" | {
  readonly status: number;
  readonly code?: string;
  readonly headers?: Record<string, string>;
};
