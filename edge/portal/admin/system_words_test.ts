import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { attention, dependencyName } from "./system_words.ts";

describe("what somebody has to look at", () => {
  it("is nothing while the way is short, or while nothing is known", () => {
    assert.deepEqual(attention({}), []);
    assert.deepEqual(
      attention({ outboxRows: 900, outboxOldestSeconds: 60, statisticsLag: 5_000, notificationLag: 5_000 }),
      [],
    );
  });

  it("is an outbox that does not empty, what the event log refuses, and dead letters", () => {
    assert.deepEqual(attention({ outboxOldestSeconds: 61, outboxParked: 1, deadLetters: 1 }), [
      "outboxRows",
      "outboxParked",
      "deadLetters",
    ]);
  });

  it("has words for what every part stands on", async () => {
    for (const part of ["auth", "registration", "statistics", "notification"]) {
      const source = await Deno.readTextFile(new URL(`../../../workers/${part}/main.ts`, import.meta.url));
      const names = [...source.matchAll(/\{ name: "([a-z-]+)", check/g)].map(([, name = ""]) => name);
      assert.ok(names.length >= 2, part);
      for (const name of names) assert.ok(dependencyName(name), name);
    }
  });
});
