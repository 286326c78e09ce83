import assert from "node:assert/strict";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { FakeEventLog } from "../../tests/fakes/event_log.ts";
import type { EventRecord } from "../ports/event_log.ts";
import { deadLetters } from "./dead_letters.ts";
import { markLetters, openLetters, readLetters } from "./letters.ts";
import { readReplay, replay } from "./replay.ts";

const never = new AbortController().signal;

describe("The dead letters", () => {
  let log: FakeEventLog;
  beforeEach(() => {
    log = new FakeEventLog();
  });

  const bury = async (...values: readonly string[]) => {
    const letters = deadLetters(log, { group: "notification-group" });
    const place = { topic: "pendaftaran-events", partition: 0 } as const;
    for (const [offset, value] of values.entries()) {
      const record = { key: bytes(value), value: bytes(value), headers: [], offset, timestamp: new Date() };
      await letters.send(record, place, { code: "BAD_DATA", message: "-", attempts: 1 }, never);
    }
  };
  const states = async () =>
    (await Array.fromAsync(readLetters(log, never))).map(({ record, state }) => `${text(record)} ${state}`);
  const some = async function* (...values: readonly string[]) {
    for await (const letter of readLetters(log, never)) {
      if (values.includes(text(letter.record))) yield letter;
    }
  };
  const published = () => log.records("pendaftaran-events").map(text);

  it("are open until they are marked, each by its own mark", async () => {
    await bury("a", "b", "c");
    const [first, second] = await Array.fromAsync(readLetters(log, never));
    assert.ok(first && second);
    await markLetters(log, [first], "replayed", never);
    await markLetters(log, [second], "dropped", never);
    assert.deepEqual(await states(), ["a replayed", "b dropped", "c open"]);
  });

  it("are read among what something else has written there", async () => {
    const header = (name: string, value: string) => [name, bytes(value)] as const;
    const strange: EventRecord[] = [
      { key: null, value: null, headers: [] },
      { key: null, value: bytes("x"), headers: [header("dlq-original-topic", "elsewhere")] },
      { key: null, value: null, headers: [header("dlq-mark", "eaten"), header("dlq-mark-of", "0-3")] },
      { key: null, value: null, headers: [header("dlq-mark", "dropped"), header("dlq-mark-of", "all")] },
    ];
    await log.publish("pendaftaran-events.dlq", strange, never);
    await bury("a");
    assert.deepEqual(await states(), ["a open"]);
  });

  it("are counted while they are open, and read again only when something was written", async () => {
    let readings = 0;
    const counting = {
      lag: log.lag.bind(log),
      read: (...call: Parameters<FakeEventLog["read"]>) => (readings++, log.read(...call)),
    };
    const open = openLetters(counting);
    assert.equal(await open(), 0);
    await bury("a", "b");
    assert.deepEqual(await Promise.all([open(), open()]), [2, 2]);
    const before = readings;
    assert.equal(await open(), 2);
    assert.equal(readings, before);
    await replay(some("a"), { eventLog: log, signal: never });
    assert.equal(await open(), 1);
  });

  it("are counted again after a reading that failed", async () => {
    await bury("a");
    let away = true;
    const open = openLetters({
      lag: log.lag.bind(log),
      read: (...call) => {
        if (away) throw new Error("Log is away");
        return log.read(...call);
      },
    });
    await assert.rejects(open(), /Log is away/);
    away = false;
    assert.equal(await open(), 1);
  });

  describe("when they are replayed", () => {
    it("go back as they were, under their key, named for the group that failed, and are marked", async () => {
      await bury("a", "b", "c");
      const progress: number[] = [];
      const onProgress = (replayed: number) => void progress.push(replayed);
      assert.equal(await replay(some("a", "c"), { eventLog: log, signal: never, onProgress }), 2);
      assert.deepEqual(published(), ["a", "c"]);
      for (const record of log.records("pendaftaran-events")) {
        assert.equal(text({ ...record, value: record.key }), text(record));
        assert.equal(readReplay(record)?.failure.group, "notification-group");
      }
      assert.deepEqual(await states(), ["a replayed", "b open", "c replayed"]);
      assert.deepEqual(progress, [2]);
    });

    it("are lost nowhere when the replay dies: what was not marked is replayed again", async () => {
      const values = Array.from({ length: 250 }, (_, i) => `v${i}`);
      await bury(...values);
      const open = async function* () {
        for await (const letter of readLetters(log, never)) if (letter.state === "open") yield letter;
      };
      for (const dieAt of [0, 1, 2, 3]) {
        let calls = 0;
        const dying = {
          publish: (...call: Parameters<FakeEventLog["publish"]>) =>
            calls++ === dieAt ? Promise.reject(new Error("Died")) : log.publish(...call),
        };
        await assert.rejects(replay(open(), { eventLog: dying, signal: never }), /Died/);
      }
      await replay(open(), { eventLog: log, signal: never });
      assert.equal(await replay(open(), { eventLog: log, signal: never }), 0);
      assert.deepEqual(new Set(published()), new Set(values));
      assert.ok((await states()).every((state) => state.endsWith("replayed")));
    });

    it("end between two parts when the person has enough, and leave the rest open", async () => {
      await bury(...Array.from({ length: 250 }, (_, i) => `v${i}`));
      const stop = new AbortController();
      const onProgress = () => stop.abort(new Error("Enough"));
      const context = { eventLog: log, signal: stop.signal, onProgress };
      await assert.rejects(replay(readLetters(log, never), context), /Enough/);
      assert.equal(published().length, 100);
      assert.equal((await states()).filter((state) => state.endsWith("open")).length, 150);
    });
  });
});

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function text({ value }: Pick<EventRecord, "value">): string {
  return new TextDecoder().decode(value ?? undefined);
}
