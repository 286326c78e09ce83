import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Fate, Person } from "../load/client.ts";
import { type Event, judge, type Row, type Stored } from "./judge.ts";

describe("the judge of a chaos run", () => {
  it("finds nothing when every store holds what the clients were told", () => {
    assert.deepEqual(verdict(), { lost: 0, doubled: 0, problems: [] });
  });

  it("finds nothing in events that were published twice, and in SMS whose fate is on record", () => {
    const stored = world();
    const [first] = stored.events;
    assert.ok(first);
    const repeated = { ...stored, events: [...stored.events, first] };
    assert.deepEqual(verdict(repeated), { lost: 0, doubled: 0, problems: [] });
    for (const state of ["refused", "parked"] as const) {
      const recorded = {
        ...stored,
        accepted: stored.accepted.slice(1),
        ledger: new Map([["e1:o32", state]]),
      };
      assert.equal(verdict(recorded).lost, 0);
    }
    for (const letter of ["e1", "e1:o32"]) {
      const buried = { ...stored, accepted: stored.accepted.slice(1), letters: new Set([letter]) };
      assert.equal(verdict(buried).lost, 0);
    }
  });

  const LOST: Readonly<Record<string, (stored: Stored) => Stored>> = {
    "a resident who was answered 201": (stored) => ({
      ...stored,
      registry: stored.registry.slice(1),
      events: stored.events.slice(1),
      statistics: new Map([["32", 1], ["11", 1]]),
      accepted: stored.accepted.slice(1),
    }),
    "an event": (stored) => ({
      ...stored,
      events: stored.events.slice(1),
      accepted: stored.accepted.slice(1),
    }),
    "a count": (stored) => ({ ...stored, statistics: new Map([["32", 1], ["11", 1]]) }),
    "an SMS": (stored) => ({ ...stored, accepted: stored.accepted.slice(1) }),
    "an SMS to one of two officers": (stored) => ({
      ...stored,
      officers: new Map([["32", ["o32", "p32"]], ["11", ["o11"]]]),
      accepted: [...stored.accepted, "e2:p32"],
    }),
  };
  for (const [what, lose] of Object.entries(LOST)) {
    it(`counts one as lost when ${what} is missing`, () => {
      const { lost, doubled, problems } = verdict(lose(world()));
      assert.deepEqual([lost, doubled, problems.length], [1, 0, 1]);
    });
  }

  const DOUBLED: Readonly<Record<string, (stored: Stored) => Stored>> = {
    "a resident stands twice in the registry": (stored) => ({
      ...stored,
      registry: [...stored.registry, row("p1", "32")],
      statistics: new Map([["32", 3], ["11", 1]]),
    }),
    "a resident has two events that differ": (stored) => ({
      ...stored,
      events: [...stored.events, event("e9", "p1", "32")],
      accepted: [...stored.accepted, "e9:o32"],
    }),
    "an event is of nobody": (stored) => ({
      ...stored,
      events: [...stored.events, event("e9", "p9", "32")],
      accepted: [...stored.accepted, "e9:o32"],
    }),
    "a province counts one too many": (stored) => ({
      ...stored,
      statistics: new Map([["32", 3], ["11", 1]]),
    }),
    "a province without residents counts one": (stored) => ({
      ...stored,
      statistics: new Map([...stored.statistics, ["94", 1]]),
    }),
    "an SMS was accepted twice": (stored) => ({ ...stored, accepted: [...stored.accepted, "e1:o32"] }),
    "an SMS was accepted that no event calls for": (stored) => ({
      ...stored,
      accepted: [...stored.accepted, "e1:o94"],
    }),
    "a resident is in the registry whom no answer explains": (stored) => ({
      registry: [...stored.registry, row("p9", "11")],
      events: [...stored.events, event("e9", "p9", "11")],
      statistics: new Map([["32", 2], ["11", 2]]),
      accepted: [...stored.accepted, "e9:o11"],
      officers: stored.officers,
      ledger: stored.ledger,
      letters: stored.letters,
    }),
  };
  for (const [what, double] of Object.entries(DOUBLED)) {
    it(`counts one as doubled when ${what}`, () => {
      const { lost, doubled, problems } = verdict(double(world()));
      assert.deepEqual([lost, doubled, problems.length], [0, 1, 1]);
    });
  }

  it("counts gains of one province and losses of another, which a sum would hide", () => {
    const { lost, doubled } = verdict({ ...world(), statistics: new Map([["32", 1], ["11", 2]]) });
    assert.deepEqual([lost, doubled], [1, 1]);
  });

  it("counts a resident who was answered 201 with two ids", () => {
    const stored = world();
    const people = [person("32", ["p1", "p2"]), person("11", ["p3"])];
    assert.equal(judge(people, stored).doubled, 1);
  });

  it("takes a resident known by a 409 for one of the registry, and misses one who is not there", () => {
    const people = [person("32", ["p1"]), person("32", [], { kind: "known" }), person("11", ["p3"])];
    assert.deepEqual(judge(people, world()), { lost: 0, doubled: 0, problems: [] });
    assert.equal(judge([...people, person("11", [], { kind: "known" })], world()).lost, 1);
  });

  it("lets a resident of unknown fate be there or not, but not unmentioned", () => {
    const unknown = person("32", [], { kind: "unknown", code: "CONNECTION" });
    for (const people of [PEOPLE, [person("32", ["p1"]), person("11", ["p3"])]]) {
      const { lost, doubled, problems } = judge([...people, unknown], world());
      assert.deepEqual([lost, doubled, problems], [0, 0, [
        "A client ran out of patience at CONNECTION: 1 times",
      ]]);
    }
  });

  it("names answers that a valid request must never get", () => {
    const wrong = person("32", [], { kind: "wrong", code: "INTERNAL", maybeStored: false });
    assert.deepEqual(judge([...PEOPLE, wrong], world()).problems, [
      "A valid registration was answered with INTERNAL: 1 times",
    ]);
  });

  it("names SMS that are begun and not ended, and those that the ledger calls sent and nobody accepted", () => {
    const stored = world();
    const open = { ...stored, ledger: new Map([["e1:o32", "claimed"]] as const) };
    assert.equal(verdict(open).problems.length, 1);
    const lie = {
      ...stored,
      accepted: stored.accepted.slice(1),
      ledger: new Map([["e1:o32", "sent"]] as const),
    };
    assert.deepEqual([verdict(lie).lost, verdict(lie).problems.length], [1, 2]);
  });

  it("names residents who stand under another province than they were registered in", () => {
    const stored = world();
    const moved = stored.registry.map((each) => each.id === "p1" ? row("p1", "11") : each);
    assert.ok(
      verdict({ ...stored, registry: moved }).problems.includes(
        "A resident stands under another province: 1 times",
      ),
    );
  });
});

const PEOPLE = [person("32", ["p1"]), person("32", ["p2"]), person("11", ["p3"])];

function verdict(stored = world()) {
  return judge(PEOPLE, stored);
}

function world(): Stored {
  return {
    registry: [row("p1", "32"), row("p2", "32"), row("p3", "11")],
    events: [event("e1", "p1", "32"), event("e2", "p2", "32"), event("e3", "p3", "11")],
    statistics: new Map([["32", 2], ["11", 1]]),
    officers: new Map([["32", ["o32"]], ["11", ["o11"]]]),
    accepted: ["e1:o32", "e2:o32", "e3:o11"],
    ledger: new Map(),
    letters: new Set(),
  };
}

function person(kode: string, ids: readonly string[], fate: Fate = { kind: "registered" }): Person {
  return { kode, keyed: true, ids, fate };
}

function row(id: string, kode: string): Row {
  return { id, kode };
}

function event(id: string, subject: string, kode: string): Event {
  return { id, subject, kode };
}
