import assert from "node:assert/strict";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { deadLetters } from "../../shared/dead_letters/dead_letters.ts";
import { recordsFor } from "../../shared/dead_letters/replay.ts";
import { LettersPage, ReplayAnswer } from "../../shared/http/schemas/dead_letters.ts";
import type { Group } from "../../shared/ports/event_log.ts";
import { FakeAudit } from "../../tests/fakes/audit.ts";
import { FakeEventLog } from "../../tests/fakes/event_log.ts";
import { fakeIdentity, FROM_EDGE } from "../../tests/fakes/identity.ts";
import { eventKeys, registration, TRACE_ID } from "../../tests/fakes/registrations.ts";
import { PENDUDUK, PERSONAL } from "../../tests/fixtures.ts";
import { createStatisticsApp } from "./app.ts";

describe("The dead letters of the API", () => {
  let eventLog: FakeEventLog;
  let audit: FakeAudit;

  beforeEach(() => {
    eventLog = new FakeEventLog();
    audit = new FakeAudit();
  });

  it("are the open ones, the newest first, with what is known of the failure", async () => {
    await bury("statistics-group", "NOT_JSON", 1);
    await bury("notification-group", "SMS_REFUSED_21211", 2);
    assert.deepEqual(await list(), {
      open: 2,
      causes: [
        { group: "statistics-group", code: "NOT_JSON", count: 1 },
        { group: "notification-group", code: "SMS_REFUSED_21211", count: 1 },
      ],
      letters: [
        {
          id: "0-1",
          group: "notification-group",
          code: "SMS_REFUSED_21211",
          message: "The value is not JSON",
          attempts: 1,
          firstFailedAt: "2026-08-17T03:00:02.000Z",
          traceId: TRACE_ID,
        },
        {
          id: "0-0",
          group: "statistics-group",
          code: "NOT_JSON",
          message: "The value is not JSON",
          attempts: 1,
          firstFailedAt: "2026-08-17T03:00:01.000Z",
          traceId: TRACE_ID,
        },
      ],
      next: null,
    });
  });

  it("come page by page, each once, also those that failed in the same millisecond", async () => {
    for (let i = 0; i < 25; i++) await bury("statistics-group", "NOT_JSON", Math.floor(i / 10));
    const seen: string[] = [];
    let before = "";
    for (;;) {
      const page = await list(`?limit=4${before && `&before=${before}`}`);
      assert.equal(page.open, 25);
      assert.ok(page.letters.length <= 4);
      seen.push(...page.letters.map(({ id }) => id));
      if (page.next === null) break;
      before = page.next;
    }
    assert.equal(seen.length, 25);
    assert.equal(new Set(seen).size, 25);
  });

  for (const query of ["limit=0", "limit=201", "limit=1&limit=2", "before=1", "before=x_0-0"]) {
    it(`answer 400 to ${query}`, async () => {
      assert.equal((await get(`/surat-gagal?${query}`)).status, 400);
    });
  }

  it("show nothing of what is in them, whatever was written in the place of the reason", async () => {
    const [{ nik, nama }] = PENDUDUK;
    await bury("statistics-group", "BAD_DATA", 1, `${nik} is no number`);
    const text = JSON.stringify(await list());
    for (const secret of [...PERSONAL, nik, nama]) assert.ok(!text.includes(secret), "something personal");
  });

  it("reach the group that failed and no other, and are open no more", async () => {
    await bury("notification-group", "SMS_REFUSED_21211", 1);
    await bury("statistics-group", "NOT_JSON", 2);
    assert.deepEqual(await replay({ code: "SMS_REFUSED_21211", group: "notification-group" }), {
      replayed: 1,
      left: 0,
    });
    const records = eventLog.records("pendaftaran-events");
    assert.equal(recordsFor("notification-group", records).length, 1);
    assert.equal(recordsFor("statistics-group", records).length, 0);
    assert.deepEqual((await list()).letters.map(({ id }) => id), ["0-1"]);
    assert.deepEqual(await replay({ code: "SMS_REFUSED_21211" }), { replayed: 0, left: 0 });
    assert.deepEqual(await replay({ ids: ["0-1"] }), { replayed: 1, left: 0 });
    assert.deepEqual((await list()).letters, []);
  });

  it("are audited under the name of the admin, with how many were replayed", async () => {
    await bury("statistics-group", "NOT_JSON", 1);
    await bury("statistics-group", "NOT_JSON", 2);
    await replay({ group: "statistics-group" });
    const [line] = audit.entries;
    assert.deepEqual([line?.action, line?.outcome, line?.count], ["dlq.replay", "success", 2]);
    assert.deepEqual(line?.actor, { kind: "user", id: "sub-admin", roles: ["admin"] });
  });

  it("say how many more wait when one request may not replay them all", async () => {
    for (let i = 0; i < 1_003; i++) await bury("statistics-group", "NOT_JSON", i);
    assert.deepEqual(await replay({ code: "NOT_JSON" }), { replayed: 1_000, left: 3 });
    assert.deepEqual(await replay({ code: "NOT_JSON" }), { replayed: 3, left: 0 });
  });

  it("are left alone when nothing was named, or two things, or what no letter is called", async () => {
    await bury("statistics-group", "NOT_JSON", 1);
    for (
      const body of [{}, { ids: [] }, { ids: ["0-0"], code: "NOT_JSON" }, { ids: ["x"] }, { group: "x" }]
    ) {
      assert.equal((await post(body)).status, 400, JSON.stringify(body));
    }
    assert.equal(eventLog.records("pendaftaran-events").length, 0);
  });

  it("are 503 when the log takes nothing, audited as of unknown effect", async () => {
    await bury("statistics-group", "NOT_JSON", 1);
    eventLog.failure = new Error("Log is away");
    const answer = await post({ code: "NOT_JSON" });
    assert.equal(answer.status, 503);
    assert.equal((await answer.json()).code, "STORE_UNAVAILABLE");
    assert.equal(audit.entries[0]?.outcome, "unknown");
  });

  it("are refused to everybody but an admin of the whole country", async () => {
    await bury("statistics-group", "NOT_JSON", 1);
    for (const token of ["petugas", "warga", "auditor", "admin~32"]) {
      assert.equal((await get("/surat-gagal", token)).status, 403, token);
      assert.equal((await post({ code: "NOT_JSON" }, token)).status, 403, token);
    }
    assert.equal(eventLog.records("pendaftaran-events").length, 0);
  });

  async function bury(group: Group, code: string, second: number, message = "The value is not JSON") {
    const record = { ...registration({ ring: RING }), offset: second, timestamp: new Date() };
    const place = { topic: "pendaftaran-events", partition: 0 } as const;
    const now = () => new Date(Date.UTC(2026, 7, 17, 3, 0, second));
    const cause = { code, message, attempts: 1, traceId: TRACE_ID };
    await deadLetters(eventLog, { group, now }).send(record, place, cause, new AbortController().signal);
  }

  function request(path: string, init: RequestInit, token: string): Promise<Response> {
    const app = createStatisticsApp({
      store: { read: refuse, readTrend: refuse },
      eventLog,
      identity: fakeIdentity(),
      audit,
      shutdown: new AbortController().signal,
    });
    const headers = {
      ...FROM_EDGE,
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
    };
    return Promise.resolve(app.request(path, { ...init, headers }));
  }
  const get = (path: string, token = "admin") => request(path, {}, token);
  const post = (body: unknown, token = "admin") =>
    request("/surat-gagal/kirim-ulang", { method: "POST", body: JSON.stringify(body) }, token);
  const list = async (query = "") => LettersPage.parse(await (await get(`/surat-gagal${query}`)).json());
  const replay = async (body: unknown) => ReplayAnswer.parse(await (await post(body)).json());
});

const refuse = () => Promise.reject(new Error("Statistics are not asked"));
const RING = eventKeys();
