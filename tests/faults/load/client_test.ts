import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Answer } from "../../../ops/tasks/simulate/http.ts";
import { PENDUDUK } from "../../fixtures.ts";
import { type Client, type Person, register } from "./client.ts";

const LOST: Answer = { kind: "lost", code: "CONNECTION" };
const ID = "01a204bf-6d31-7403-9d86-821ff838d981";
const OTHER = "01a204bf-6d31-7403-9d86-821ff838d982";

describe("a client of a chaos run", () => {
  it("tries again after a lost answer and a 503, with the same key, until the 201", async () => {
    const { person, keys } = await run([LOST, problem(503, "STORE_UNAVAILABLE"), created(ID)]);
    assert.deepEqual(person, { kode: "32", keyed: true, ids: [ID], fate: { kind: "registered" } });
    assert.equal(keys.length, 3);
    assert.equal(new Set(keys).size, 1);
    assert.ok(keys[0]);
  });

  it("waits as long as Retry-After asks, and more", async () => {
    const { waits } = await run([problem(503, "OVERLOADED", 5_000), created(ID)]);
    assert.ok((waits[0] ?? 0) >= 5_000);
  });

  it("asks twice when it is of that kind, and keeps each id that it was told", async () => {
    const asksTwice = { asksTwice: true };
    assert.deepEqual((await run([created(ID), created(ID)], asksTwice)).person.ids, [ID]);
    assert.deepEqual((await run([created(ID), LOST, created(OTHER)], asksTwice)).person.ids, [ID, OTHER]);
  });

  it("without a key takes a 409 for the word that a try before was stored", async () => {
    const known = problem(409, "NIK_REGISTERED");
    const { person, keys } = await run([LOST, known], { keyed: false });
    assert.deepEqual([person.fate, keys], [{ kind: "known" }, [undefined, undefined]]);
    assert.deepEqual((await run([known], { keyed: false })).person.fate, wrong("NIK_REGISTERED", false));
    assert.deepEqual((await run([LOST, known])).person.fate, wrong("NIK_REGISTERED", true));
  });

  it("reports an answer that a valid request must never get, and whether it may be stored all the same", async () => {
    assert.deepEqual((await run([problem(400, "INVALID_INPUT")])).person.fate, wrong("INVALID_INPUT", false));
    const again = await run([LOST, problem(422, "IDEMPOTENCY_KEY_REUSED")]);
    assert.deepEqual(again.person.fate, wrong("IDEMPOTENCY_KEY_REUSED", true));
  });

  it("gives up when its patience is over", async () => {
    const { person } = await run(Array.from({ length: 50 }, () => problem(503, "OVERLOADED", 5_000)));
    assert.deepEqual(person.fate, { kind: "unknown", code: "OVERLOADED" });
  });
});

async function run(answers: readonly Answer[], kind: Partial<Client> = {}): Promise<Run> {
  const left = [...answers];
  const keys: (string | undefined)[] = [];
  const waits: number[] = [];
  let now = 0;
  const edge: Client["edge"] = {
    request(_path, init) {
      keys.push(new Headers(init?.headers).get("idempotency-key") ?? undefined);
      const answer = left.shift();
      if (!answer) throw new Error("Asked more often than expected");
      return Promise.resolve(answer);
    },
  };
  const person = await register({ kode: "32", body: PENDUDUK[0] }, {
    edge,
    keyed: true,
    asksTwice: false,
    ...kind,
  }, {
    now: () => now,
    sleep(ms) {
      waits.push(ms);
      now += ms;
      return Promise.resolve();
    },
    stop: new AbortController().signal,
    onAnswer: () => {},
  });
  return { person, keys, waits };
}

function created(id: string): Answer {
  return { kind: "answered", status: 201, body: { id }, retryAfterMs: 0, ms: 5 };
}

function problem(status: number, code: string, retryAfterMs = 0): Answer {
  return { kind: "answered", status, body: { code }, retryAfterMs, ms: 5 };
}

function wrong(code: string, maybeStored: boolean): Person["fate"] {
  return { kind: "wrong", code, maybeStored };
}

interface Run {
  readonly person: Person;
  readonly keys: readonly (string | undefined)[];
  readonly waits: readonly number[];
}
