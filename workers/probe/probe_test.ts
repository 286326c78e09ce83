import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { probe, StepFailed, STEPS, type Way } from "./probe.ts";
import { keepProbing } from "./schedule.ts";

const NEVER = new AbortController().signal;

describe("A synthetic registration", () => {
  it("goes the whole way and leaves nobody behind, each step with its time", async () => {
    const registry = new Registry();
    let clock = 0;
    const outcome = await probe(registry.way, { now: () => clock += 500, signal: NEVER });
    const seconds = Object.fromEntries(STEPS.map((step) => [step, 0.5]));
    assert.deepEqual(outcome, { kind: "succeeded", seconds });
    assert.deepEqual(registry.people, new Set());
    assert.equal(registry.movements, 2, "counted, and taken off again");
  });

  it("first takes back what a killed run left behind", async () => {
    const registry = new Registry();
    registry.people.add("left");
    assert.equal((await run(registry)).kind, "succeeded");
    assert.deepEqual(registry.people, new Set());
  });

  it("tells at which step it failed, by which code, and how long the others took", async () => {
    const registry = new Registry({ fails: "countedSince", code: "NOT_COUNTED" });
    const outcome = await run(registry);
    assert.ok(outcome.kind === "failed");
    assert.deepEqual([outcome.step, outcome.code, outcome.left], ["count", "NOT_COUNTED", "1"]);
    assert.deepEqual(Object.keys(outcome.seconds), ["clean", "register", "read"]);
  });

  it("leaves nobody behind whichever call fails, in whichever run, once one has come through", async () => {
    const fault = fc.option(fc.record({ call: fc.constantFrom(...CALLS), stored: fc.boolean() }), {
      nil: undefined,
    });
    await fc.assert(fc.asyncProperty(fc.array(fault, { maxLength: 6 }), async (faults) => {
      const registry = new Registry();
      for (const each of [...faults, undefined]) {
        registry.fails = each?.call;
        registry.storesAllTheSame = each?.stored ?? false;
        assert.equal((await run(registry)).kind, each ? "failed" : "succeeded");
        assert.ok(registry.people.size <= 1, "never two");
      }
      assert.deepEqual(registry.people, new Set());
    }));
  });
});

describe("The schedule of the probe", () => {
  it("goes on after a failure, and takes its person back at once", async () => {
    const registry = new Registry({ fails: "countedSince" });
    const stop = new AbortController();
    const kinds: string[] = [];
    await keepProbing(registry.way, {
      stop: stop.signal,
      everyMs: 0,
      done({ kind }) {
        kinds.push(kind);
        registry.fails = undefined;
        if (kinds.length === 2) stop.abort();
      },
    });
    assert.deepEqual(kinds, ["failed", "succeeded"]);
    assert.deepEqual(registry.people, new Set());
  });

  it("takes its person back when it is stopped in the middle, and does not call that a failure", async () => {
    const registry = new Registry();
    const stop = new AbortController();
    const way = {
      ...registry.way,
      countedSince: () => {
        stop.abort();
        return Promise.reject(new StepFailed("NOT_COUNTED"));
      },
    };
    const kinds: string[] = [];
    await keepProbing(way, { stop: stop.signal, done: ({ kind }) => kinds.push(kind) });
    assert.deepEqual(kinds, []);
    assert.deepEqual(registry.people, new Set());
  });

  it("ends a run that hangs", async () => {
    const stop = new AbortController();
    const codes: string[] = [];
    const hangs = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    await keepProbing({ ...new Registry().way, register: hangs }, {
      stop: stop.signal,
      runMs: 10,
      done(outcome) {
        if (outcome.kind === "failed") codes.push(`${outcome.step} ${outcome.code}`);
        stop.abort();
      },
    });
    assert.deepEqual(codes, ["register TIMEOUT"]);
  });
});

function run(registry: Registry) {
  return probe(registry.way, { now: () => performance.now(), signal: NEVER });
}

const CALLS = ["leftBehind", "register", "read", "takeBack", "countedSince"] as const;

/** Holds the synthetic person at most once, as the registry does. */
class Registry {
  readonly people = new Set<string>();
  movements = 0;
  fails: typeof CALLS[number] | undefined;
  /** The call that fails has its effect: the answer was lost. */
  storesAllTheSame = false;
  #ids = 0;
  readonly #code: string;

  constructor({ fails, code = "UPSTREAM_FAILED" }: { fails?: typeof CALLS[number]; code?: string } = {}) {
    this.fails = fails;
    this.#code = code;
  }

  get way(): Way {
    return {
      leftBehind: () => this.#call("leftBehind", () => [...this.people]),
      register: () =>
        this.#call("register", () => {
          if (this.people.size > 0) throw new StepFailed("NIK_REGISTERED");
          const id = `${++this.#ids}`;
          this.people.add(id);
          this.movements++;
          return id;
        }),
      read: (id) => this.#call("read", () => assert.ok(this.people.has(id))),
      takeBack: (id) =>
        this.#call("takeBack", () => {
          if (this.people.delete(id)) this.movements++;
        }),
      lastCounted: () => Promise.resolve(`${this.movements}`),
      countedSince: (before) =>
        this.#call("countedSince", () => {
          assert.notEqual(`${this.movements}`, before);
          return `${this.movements}`;
        }),
    };
  }

  #call<T>(name: typeof CALLS[number], work: () => T): Promise<T> {
    return Promise.resolve().then(() => {
      if (this.fails !== name) return work();
      if (this.storesAllTheSame) work();
      throw new StepFailed(this.#code);
    });
  }
}
