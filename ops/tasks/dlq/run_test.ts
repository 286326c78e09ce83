import assert from "node:assert/strict";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { deadLetters } from "../../../shared/dead_letters/dead_letters.ts";
import { readReplay } from "../../../shared/dead_letters/replay.ts";
import type { AuditEntry } from "../../../shared/ports/audit.ts";
import type { EventRecord, Group } from "../../../shared/ports/event_log.ts";
import { FakeEventLog } from "../../../tests/fakes/event_log.ts";
import { eventKeys, registration, TRACE_ID } from "../../../tests/fakes/registrations.ts";
import { PENDUDUK, PERSONAL, TELEPON } from "../../../tests/fixtures.ts";
import { parseOptions } from "./options.ts";
import { run, type World } from "./run.ts";

const never = new AbortController().signal;

describe("deno task dlq", () => {
  let eventLog: FakeEventLog;
  let said: string[];
  let complained: string[];
  let audited: AuditEntry[];
  let world: World;

  beforeEach(() => {
    eventLog = new FakeEventLog();
    [said, complained, audited] = [[], [], []];
    world = {
      eventLog,
      audit: { record: (entry) => Promise.resolve(void audited.push(entry)) },
      actor: { kind: "operator", id: "ayu" },
      say: (line) => void said.push(line),
      complain: (line) => void complained.push(line),
      onProgress: () => {},
      stop: never,
    };
  });

  const bury = async (group: Group, code: string, record: EventRecord = poison("{")) => {
    const place = { topic: "pendaftaran-events", partition: 4 } as const;
    const cause = { code, message: "The value is not JSON", attempts: 1, traceId: TRACE_ID };
    const stored = { ...record, offset: 17, timestamp: new Date("2026-08-17T03:00:00Z") };
    await deadLetters(eventLog, { group, now: () => new Date("2026-08-17T03:00:01Z") })
      .send(stored, place, cause, never);
  };
  const dlq = async (line: string) => {
    said = [];
    const { command } = parseOptions(line.split(" "));
    assert.ok(command.name !== "help");
    return await run(command, world);
  };
  const ids = () => said.slice(1, -1).map((row) => row.split(" ")[0]);
  const published = () =>
    eventLog.records("pendaftaran-events").map((record) => readReplay(record)?.failure.group);

  it("lists the open letters, by code and group where asked, and the others with --all", async () => {
    await bury("statistics-group", "NOT_JSON");
    await bury("notification-group", "NOT_JSON");
    await bury("notification-group", "BAD_DATA");
    assert.equal(await dlq("list"), 0);
    assert.deepEqual(ids(), ["0-0", "0-1", "0-2"]);
    assert.match(
      said[1] ?? "",
      /^0-0 +open +statistics-group +1 +NOT_JSON +2026-08-17T03:00:01.000Z +4\/17 +0af7651916cd/,
    );
    await dlq("list --group notification --code NOT_JSON");
    assert.deepEqual(ids(), ["0-1"]);
    await dlq("drop 0-1");
    await dlq("list");
    assert.deepEqual(ids(), ["0-0", "0-2"]);
    await dlq("list --all");
    assert.deepEqual(ids(), ["0-0", "0-1", "0-2"]);
    assert.deepEqual([said.length, said.at(-1)], [5, "3 letters"]);
  });

  it("replays what was named to the groups that failed, once, and says what it was", async () => {
    await bury("statistics-group", "NOT_JSON");
    await bury("notification-group", "NOT_JSON");
    await bury("notification-group", "BAD_DATA");
    assert.equal(await dlq("replay --code NOT_JSON"), 0);
    assert.deepEqual(published(), ["statistics-group", "notification-group"]);
    assert.deepEqual(said, ["2 letters replayed"]);
    assert.equal(await dlq("replay --all"), 0);
    assert.equal(await dlq("replay --all"), 0);
    assert.deepEqual(said, ["0 letters replayed"]);
    assert.equal(published().length, 3);
    assert.equal(await dlq("replay 0-1"), 0);
    assert.deepEqual(complained, ['Letter "0-1" was replayed already']);
    assert.deepEqual(
      audited.map(({ action, outcome, count, actor }) => [action, outcome, count, actor.kind]),
      [
        ["dlq.replay", "success", 2, "operator"],
        ["dlq.replay", "success", 1, "operator"],
        ["dlq.replay", "success", 0, "operator"],
        ["dlq.replay", "success", 0, "operator"],
      ],
    );
  });

  it("only says what it would do in a dry run", async () => {
    await bury("statistics-group", "NOT_JSON");
    const before = eventLog.records("pendaftaran-events.dlq").length;
    for (const line of ["replay --all --dry-run", "drop 0-0 --dry-run"]) {
      assert.equal(await dlq(line), 0);
      assert.deepEqual(ids(), ["0-0"]);
    }
    assert.deepEqual(published(), []);
    assert.equal(eventLog.records("pendaftaran-events.dlq").length, before);
    assert.deepEqual(audited, []);
  });

  it("drops a letter, which is then neither open nor replayed", async () => {
    await bury("statistics-group", "NOT_JSON");
    assert.equal(await dlq("drop 0-0"), 0);
    assert.deepEqual(said, ["1 letter dropped"]);
    await dlq("replay --all");
    assert.deepEqual(published(), []);
    assert.deepEqual(audited.map(({ action, count }) => [action, count]), [["dlq.drop", 1], [
      "dlq.replay",
      0,
    ]]);
  });

  it("answers 1 for a letter that is not there, and does the rest", async () => {
    await bury("statistics-group", "NOT_JSON");
    assert.equal(await dlq("replay 0-0 7-7"), 1);
    assert.equal(await dlq("show 7-7"), 1);
    assert.deepEqual(complained, ['Letter "7-7" is not there', 'Letter "7-7" is not there']);
    assert.equal(published().length, 1);
  });

  it("records how far it came when the log fails in the middle", async () => {
    for (let i = 0; i < 150; i++) await bury("statistics-group", "NOT_JSON");
    world = { ...world, onProgress: () => eventLog.failure = new Error("Log is away") };
    await assert.rejects(dlq("replay --all"), /Log is away/);
    assert.deepEqual(audited.map(({ outcome, reason, count }) => [outcome, reason, count]), [
      ["failure", "PARTLY_FAILED", 100],
    ]);
    eventLog.failure = undefined;
    world = { ...world, onProgress: () => {} };
    assert.equal(await dlq("replay --all"), 0);
    assert.deepEqual(said, ["50 letters replayed"]);
  });

  it("shows nothing when the question cannot be recorded", async () => {
    await bury("statistics-group", "NOT_JSON");
    world = { ...world, audit: { record: () => Promise.reject(new Error("Audit is away")) } };
    for (const line of ["list", "show 0-0"]) await assert.rejects(dlq(line), /Audit is away/);
    assert.deepEqual(said, []);
  });

  it("shows a registration with nothing personal, and what is known of its failure", async () => {
    await bury("notification-group", "SMS_REFUSED_21211", registration({ ring: eventKeys() }));
    assert.equal(await dlq("show 0-0"), 0);
    const text = said.join("\n");
    for (
      const shown of [
        "SMS_REFUSED_21211",
        "partition 4, offset 17",
        TRACE_ID,
        '"kode": "32"',
        '"tahunLahir": 1990',
      ]
    ) {
      assert.ok(text.includes(shown), shown);
    }
    assert.match(text, /"personal": "\[masked: \d+ characters\]"/);
    assert.deepEqual(audited.map(({ action }) => action), ["dlq.show"]);
  });

  it("shows nothing personal whatever was written in whichever place", async () => {
    const [{ nik, nama }] = PENDUDUK;
    const everywhere = {
      [nik]: nama,
      nama: [nama],
      id: nik,
      subject: nama,
      type: nama,
      kode: nik,
      tahunLahir: Number(nik),
      time: `telepon ${TELEPON[0]}`,
      data: { [nama]: { personal: nama, kode: nik }, nik: Number(nik), constructor: nama, __proto__: nama },
    };
    const header = (name: string, value: string) => [name, new TextEncoder().encode(value)] as const;
    for (const value of [JSON.stringify(everywhere), JSON.stringify([nik]), nama, `"${nama}"`, nik]) {
      const headers = [header(nama, nik), header("traceparent", nik), header("content-type", nama)];
      await bury("statistics-group", "BAD_DATA", {
        ...poison(value),
        key: new TextEncoder().encode(nik),
        headers,
      });
      await dlq(`show 0-${eventLog.records("pendaftaran-events.dlq").length - 1}`);
      for (const secret of PERSONAL) {
        assert.ok(!said.join("\n").includes(secret), "something personal is shown");
      }
      assert.match(said.join("\n"), /BAD_DATA/);
    }
    await bury("statistics-group", "NO_VALUE", { key: null, value: null, headers: [] });
    await dlq("show 0-5");
    assert.match(said.join("\n"), /key +none[^]*value +none/);
  });
});

function poison(value: string): EventRecord {
  return { key: new TextEncoder().encode("k"), value: new TextEncoder().encode(value), headers: [] };
}
