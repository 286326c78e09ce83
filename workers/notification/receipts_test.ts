import assert from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { createApp } from "../../shared/http/app.ts";
import { parseTelepon, smsId, type SmsIntent, type SmsLedger } from "../../shared/ports/sms.ts";
import { FakeLedgerStore } from "../../tests/fakes/sms.ts";
import { PENDUDUK, PERSONAL, TELEPON } from "../../tests/fixtures.ts";
import { type ReceiptParts, receiveReceipts } from "./receipts.ts";

describe("POST /sms/status", () => {
  let ledger: SmsLedger;
  let logged: LogRecord[];
  let outcomes: string[];
  /** What was shown to the one who verifies. */
  let shown: Parameters<ReceiptParts["isSigned"]>[0][];

  beforeEach(async () => {
    ledger = new FakeLedgerStore().open();
    [logged, outcomes, shown] = [[], [], []];
    await configure({
      sinks: { memory: (record) => void logged.push(record) },
      loggers: [
        { category: "kependudukan", sinks: ["memory"], lowestLevel: "debug" },
        { category: ["logtape", "meta"], sinks: [] },
      ],
    });
  });
  afterEach(async () => {
    const text = JSON.stringify(logged);
    for (const secret of PERSONAL) assert.ok(!text.includes(secret));
    await reset();
  });

  for (
    const [MessageStatus, ErrorCode, receipt] of [
      ["delivered", undefined, { kind: "delivered" }],
      ["read", undefined, { kind: "delivered" }],
      ["undelivered", "30003", { kind: "undelivered", code: "30003" }],
      ["failed", "30007", { kind: "undelivered", code: "30007" }],
      ["failed", undefined, { kind: "undelivered", code: "FAILED" }],
      ["failed", "", { kind: "undelivered", code: "FAILED" }],
      ["canceled", undefined, { kind: "undelivered", code: "CANCELED" }],
      ["accepted", undefined, undefined],
      ["queued", undefined, undefined],
      ["sending", undefined, undefined],
      ["sent", undefined, undefined],
    ] as const
  ) {
    it(`with "${MessageStatus}" and code "${ErrorCode}" records ${receipt?.kind ?? "that it was taken"}`, async () => {
      const message = await claimed();
      const response = await post(message.id, {
        MessageSid: "SM1",
        MessageStatus,
        ...(ErrorCode && { ErrorCode }),
      });
      assert.equal(response.status, 204);
      const [entry] = await ledger.recent(1);
      assert.deepEqual([entry?.state, entry?.providerId, entry?.receipt], ["sent", "SM1", receipt]);
      assert.deepEqual(outcomes, [receipt?.kind ?? "on-its-way"]);
    });
  }

  it("shows the signature, the message and the whole form to the one who verifies", async () => {
    const { id } = await claimed();
    const form = { MessageSid: "SM1", MessageStatus: "sent", To: TELEPON[0], Neu: "a b&c=ä+" };
    await post(id, form);
    assert.deepEqual(shown, [{ id, signature: "good", form }]);
  });

  it("is refused when it is not signed, and writes nothing", async () => {
    const { id } = await claimed();
    const form = { MessageSid: "SM1", MessageStatus: "delivered" };
    for (const signature of ["bad", ""]) {
      const response = await post(id, form, signature);
      assert.equal(response.status, 403);
      assert.equal((await response.json()).code, "FORBIDDEN");
    }
    assert.equal((await ledger.recent(1))[0]?.state, "claimed");
    assert.deepEqual(outcomes, []);
  });

  it("says aloud when an officer was not reached, and when it knows no such message", async () => {
    const { id, eventId } = await claimed();
    await post(id, { MessageSid: "SM1", MessageStatus: "undelivered", ErrorCode: "30003", To: TELEPON[0] });
    await post(smsId("other", "default"), { MessageSid: "SM1", MessageStatus: "sent", To: TELEPON[0] });
    assert.deepEqual(logged.map(({ level, properties }) => [level, properties["eventId"]]), [
      ["warning", eventId],
      ["warning", "other"],
    ]);
    assert.deepEqual(outcomes, ["undelivered", "unknown"]);
  });

  it("answers 400 to a signed form that names no message or no status", async () => {
    const { id } = await claimed();
    for (const form of [{}, { MessageSid: "SM1" }, { MessageStatus: "sent" }]) {
      assert.equal((await post(id, form)).status, 400);
    }
  });

  it("answers 503 while the ledger is away, without its words", async () => {
    const { id } = await claimed();
    ledger.report = () => Promise.reject(new Error(PERSONAL.join()));
    const response = await post(id, { MessageSid: "SM1", MessageStatus: "sent" });
    assert.equal(response.status, 503);
    assert.ok(response.headers.has("retry-after"));
  });

  async function post(id: string, form: Record<string, string>, signature = "good"): Promise<Response> {
    const app = createApp({ service: "notification" });
    app.post(
      "/sms/status",
      receiveReceipts({
        ledger,
        isSigned: (report) => {
          shown.push(report);
          return report.signature === "good";
        },
        observe: ({ outcome }) => void outcomes.push(outcome),
      }),
    );
    return await app.request(`/sms/status?${new URLSearchParams({ id })}`, {
      method: "POST",
      headers: { "x-twilio-signature": signature },
      body: new URLSearchParams(form),
    });
  }

  async function claimed(): Promise<SmsIntent> {
    const eventId = crypto.randomUUID();
    const message = {
      id: smsId(eventId, "default"),
      eventId,
      to: parseTelepon(TELEPON[0]) ?? assert.fail(),
      body: `Pendaftaran Baru: ${PENDUDUK[0].nama} dari Aceh`,
    };
    await ledger.claim(message, new AbortController().signal);
    return message;
  }
});
