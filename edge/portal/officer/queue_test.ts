import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PENDUDUK } from "../../../tests/fixtures.ts";
import type { Failure, Outcome } from "../api/client.ts";
import type { Penduduk } from "../../../shared/penduduk/penduduk.ts";
import { type ErrorCode, PROBLEMS } from "../../../shared/http/problem.ts";
import { isFinal, nextTryMs, Queue, type QueueItem } from "./queue.ts";

const [ujang, siti, marifah] = PENDUDUK;

describe("Queue", () => {
  it("keeps a registration with its key until it is answered, and sends it again with the same key", async () => {
    const world = new World();
    world.answers.push({ kind: "offline" });
    const queue = world.open();
    const { key } = await queue.add(ujang);
    await queue.drain();
    assert.deepEqual(queue.items.map(({ state }) => state), ["waiting"]);

    const reopened = world.open();
    await reopened.load();
    assert.deepEqual(reopened.items.map((item) => [item.key, item.input]), [[key, ujang]]);
    await reopened.drain();
    assert.deepEqual(world.sent, [key, key]);
    assert.equal(world.taken.length, 1);
    assert.deepEqual(world.stored(), []);
  });

  it("sends the oldest first and stops at the first without an answer", async () => {
    const world = new World();
    const queue = world.open();
    const keys = [];
    for (const person of [ujang, siti, marifah]) keys.push((await queue.add(person)).key);
    world.answers.push(taken(), problem("OVERLOADED", 503));
    await queue.drain();
    assert.deepEqual(world.sent, keys.slice(0, 2));
    assert.deepEqual(queue.items.map(({ key, state }) => [key, state]), [[keys[1], "waiting"], [
      keys[2],
      "waiting",
    ]]);
    await queue.drain();
    assert.deepEqual(world.sent, [keys[0], keys[1], keys[1], keys[2]]);
  });

  it("sets aside what is refused for good, and goes on with the next", async () => {
    const world = new World();
    const queue = world.open();
    await queue.add(ujang);
    await queue.add(siti);
    world.answers.push(problem("NIK_REGISTERED", 409));
    await queue.drain();
    assert.deepEqual(queue.items.map(({ state }) => state), ["refused"]);
    assert.equal(world.taken.length, 1);
    await queue.drain();
    assert.equal(world.sent.length, 2, "what was refused is not sent again");
  });

  it("sends again after a reload what was on its way", async () => {
    const world = new World();
    const queue = world.open();
    const item = await queue.add(ujang);
    await world.store.write("queue", [{ ...item, state: "sending" }]);
    const reopened = world.open();
    await reopened.load();
    await reopened.drain();
    assert.deepEqual(world.sent, [item.key]);
  });

  it("keeps what another tab added meanwhile", async () => {
    const world = new World();
    const [here, there] = [world.open(), world.open()];
    await here.add(ujang);
    await there.add(siti);
    await here.drain();
    assert.equal(world.taken.length, 2);
    assert.deepEqual(world.stored(), []);
  });

  it("sends nothing twice when it is asked to send twice at once", async () => {
    const world = new World();
    const queue = world.open();
    await queue.add(ujang);
    await Promise.all([queue.drain(), queue.drain()]);
    assert.equal(world.sent.length, 1);
  });
});

describe("isFinal", () => {
  it("is true of what the same data would meet again, and of nothing else", () => {
    const again: readonly ErrorCode[] = [
      "UNAUTHENTICATED",
      "NOT_FROM_EDGE",
      "WRONG_CREDENTIALS",
      "BODY_TOO_SLOW",
    ];
    for (const [code, { status }] of Object.entries(PROBLEMS)) {
      if (!isCode(code)) throw new Error("unreachable");
      const passes = status >= 500 || ["RATE_LIMITED", "IDEMPOTENCY_IN_FLIGHT"].includes(code) ||
        again.includes(code);
      assert.equal(isFinal(problem(code, status)), !passes, code);
    }
    assert.equal(isFinal({ kind: "offline" }), false);
    assert.equal(isFinal({ kind: "expired" }), false);
  });
});

describe("nextTryMs", () => {
  it("waits as long as the service asks, or ever longer up to a minute", () => {
    const limited: Failure = { ...problem("RATE_LIMITED", 429), retryAfterSeconds: 12 };
    assert.equal(nextTryMs(limited, 9, () => 0), 12_000);
    assert.deepEqual([0, 1, 2, 9].map((tries) => nextTryMs({ kind: "offline" }, tries, () => 1)), [
      2_000,
      4_000,
      8_000,
      60_000,
    ]);
  });
});

class World {
  readonly answers: Outcome<Penduduk>[] = [];
  readonly sent: string[] = [];
  readonly taken: Penduduk[] = [];
  readonly #values = new Map<string, string>();
  readonly store = {
    read: (name: string) => Promise.resolve<unknown>(JSON.parse(this.#values.get(name) ?? "null")),
    write: (name: string, value: unknown) => {
      this.#values.set(name, JSON.stringify(value));
      return Promise.resolve();
    },
  };

  stored(): unknown {
    return JSON.parse(this.#values.get("queue") ?? "null");
  }

  open(): Queue {
    return new Queue({
      store: this.store,
      name: "queue",
      send: ({ key }: QueueItem) => {
        this.sent.push(key);
        return Promise.resolve(this.answers.shift() ?? taken());
      },
      onTaken: (person) => {
        this.taken.push(person);
        return Promise.resolve();
      },
      onChange: () => {},
      exclusively: (_what, run) => run(),
    });
  }
}

function taken(): Outcome<Penduduk> {
  const id = crypto.randomUUID();
  const createdAt = "2026-11-23T00:00:00.000Z";
  return { kind: "ok", body: { ...ujang, id, kode: "32", createdAt, warnings: [] } };
}

function problem(code: ErrorCode, status: number): Extract<Failure, { kind: "problem" }> {
  const body = { type: `/docs#${code}`, title: "", detail: "", traceId: "", status, code };
  return { kind: "problem", problem: body, retryAfterSeconds: undefined };
}

function isCode(code: string): code is ErrorCode {
  return code in PROBLEMS;
}
