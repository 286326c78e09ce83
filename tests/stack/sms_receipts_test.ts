import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { signature } from "../../ops/stack/messages_api/callbacks.ts";
import { createEdge } from "../../edge/app.ts";
import { handledBy, type Origin } from "../../edge/upstream/origin.ts";
import { isSigned } from "../../shared/adapters/twilio/signature.ts";
import { openTwilioSender } from "../../shared/adapters/twilio/sender.ts";
import { createApp } from "../../shared/http/app.ts";
import {
  type LedgerEntry,
  parseTelepon,
  type SendResult,
  smsId,
  type SmsIntent,
  type SmsLedger,
  type SmsSender,
} from "../../shared/ports/sms.ts";
import { receiveReceipts } from "../../workers/notification/receipts.ts";
import { FakeAudit } from "../fakes/audit.ts";
import { fakeIdentity } from "../fakes/identity.ts";
import { FakeLedgerStore } from "../fakes/sms.ts";
import { PENDUDUK, TELEPON } from "../fixtures.ts";
import { type ServedMessagesApi, serveMessagesApi } from "./messages_api.ts";

describe("A report of Twilio, signed, through the edge to the ledger", () => {
  let api: ServedMessagesApi;
  let edge: Deno.HttpServer<Deno.NetAddr>;
  let ledger: SmsLedger;
  let sender: SmsSender;
  let statusCallback: string;

  beforeEach(async () => {
    api = serveMessagesApi();
    ledger = new FakeLedgerStore().open();
    edge = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request, { remoteAddr }) => {
      return publicEdge().fetch(request, { remoteAddress: remoteAddr.hostname });
    });
    statusCallback = `http://127.0.0.1:${edge.addr.port}/sms/status`;
    sender = await openTwilioSender({ ...api.account, statusCallback });
  });
  afterEach(async () => {
    await api.stop();
    await edge.shutdown();
  });

  it("says that the message was delivered", async () => {
    const message = await claimed();
    assert.equal((await send(message)).kind, "sent");
    await api.until(({ reports }) => reports.taken === 2);
    const { state, receipt } = await entry(message);
    assert.deepEqual([state, receipt], ["sent", { kind: "delivered" }]);
  });

  for (const status of ["undelivered", "failed"]) {
    it(`says that it was not, when the status is "${status}", with Twilio's code`, async () => {
      await api.order({ reports: ["sent", status], reportCode: "30005" });
      const message = await claimed();
      await send(message);
      await api.until(({ reports }) => reports.taken === 2);
      assert.deepEqual((await entry(message)).receipt, { kind: "undelivered", code: "30005" });
    });
  }

  it("may repeat and come late without taking anything back", async () => {
    await api.order({ reports: ["delivered", "sent", "delivered", "queued", "sent"] });
    const message = await claimed();
    await send(message);
    await api.until(({ reports }) => reports.taken === 5);
    assert.deepEqual((await entry(message)).receipt, { kind: "delivered" });
  });

  it("may be of a status that nobody has heard of yet", async () => {
    await api.order({ reports: ["teleported"] });
    const message = await claimed();
    await send(message);
    await api.until(({ reports }) => reports.taken === 1);
    assert.equal((await entry(message)).receipt, undefined);
  });

  it("proves that a message was taken whose answer was lost", async () => {
    await api.order({ mode: "accept-then-error", reports: ["sent"] });
    const message = await claimed();
    assert.equal((await send(message)).kind, "ambiguous");
    await api.until(({ reports }) => reports.taken === 1);
    const [accepted] = await api.messages();
    const { state, providerId } = await entry(message);
    assert.deepEqual([state, providerId], ["sent", accepted?.sid]);
  });

  describe("is refused with 403", () => {
    const FORM = { MessageSid: `SM${"0".repeat(32)}`, MessageStatus: "delivered" };
    let message: SmsIntent;
    beforeEach(async () => {
      await api.order({ reports: [] });
      message = await claimed();
      await send(message);
    });
    afterEach(async () => {
      const { state, receipt } = await entry(message);
      assert.deepEqual([state, receipt], ["claimed", undefined]);
    });

    it("without a signature, with an empty one and with another's", async () => {
      for (const signature of [undefined, "", "x", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="]) {
        assert.equal((await report(message.id, FORM, signature)).status, 403);
      }
    });

    it("with a signature under another token", async () => {
      const signature = await signed(message.id, FORM, "another");
      assert.equal((await report(message.id, FORM, signature)).status, 403);
    });

    it("with the signature of another message, another status or another field", async () => {
      const signature = await signed(message.id, { ...FORM, MessageStatus: "failed" });
      assert.equal((await report(message.id, FORM, signature)).status, 403);
      const other = await signed(intent().id, FORM);
      assert.equal((await report(message.id, FORM, other)).status, 403);
      const good = await signed(message.id, FORM);
      assert.equal((await report(message.id, { ...FORM, To: "+15005550006" }, good)).status, 403);
    });

    it("when it names no message", async () => {
      for (const id of ["", "x", ":", "a:b:c", "x".repeat(500)]) {
        assert.equal((await report(id, FORM, await signed(id, FORM))).status, 403);
      }
    });
  });

  it("is taken when Twilio signs it, whoever posts it, and harmless for an unknown message", async () => {
    const form = { MessageSid: `SM${"0".repeat(32)}`, MessageStatus: "delivered" };
    const { id } = intent();
    assert.equal((await report(id, form, await signed(id, form))).status, 204);
    assert.deepEqual(await ledger.recent(1), []);
  });

  it("is refused with 400 when it is signed but says nothing", async () => {
    const { id } = await claimed();
    assert.equal((await report(id, {}, await signed(id, {}))).status, 400);
  });

  it("is answered with 503 while it cannot be written down, so that Twilio comes again", async () => {
    const form = { MessageSid: `SM${"0".repeat(32)}`, MessageStatus: "delivered" };
    const { id } = await claimed();
    const write = ledger.report.bind(ledger);
    ledger.report = () => Promise.reject(new Error("ledger away"));
    assert.equal((await report(id, form, await signed(id, form))).status, 503);
    ledger.report = write;
    assert.equal((await report(id, form, await signed(id, form))).status, 204);
  });

  /** The edge before the origin that receives the reports. */
  function publicEdge() {
    const { authToken } = api.account;
    const app = createApp({ service: "notification" });
    app.post(
      "/sms/status",
      receiveReceipts({ ledger, isSigned: (report) => isSigned(report, { authToken, statusCallback }) }),
    );
    const notification: Origin = { url: "http://origin.test", transport: handledBy(app.fetch) };
    const unused: Origin = { url: "http://origin.test", transport: () => assert.fail() };
    const limiter = { take: () => assert.fail("Twilio is not limited by its address") };
    return createEdge({
      identity: fakeIdentity(),
      audit: new FakeAudit(),
      userLimiter: limiter,
      addressLimiter: limiter,
      conflictLimiter: limiter,
      origins: { auth: unused, registration: unused, statistics: unused, notification },
    });
  }

  async function claimed(): Promise<SmsIntent> {
    const message = intent();
    await ledger.claim(message, AbortSignal.timeout(1_000));
    return message;
  }

  function send(message: SmsIntent): Promise<SendResult> {
    return sender.send(message, AbortSignal.timeout(5_000));
  }

  async function entry({ id }: SmsIntent): Promise<LedgerEntry> {
    return (await ledger.recent(100)).find((one) => one.id === id) ?? assert.fail("the entry is missing");
  }

  function report(id: string, form: Record<string, string>, signature: string | undefined) {
    return fetch(address(id), {
      method: "POST",
      body: new URLSearchParams(form),
      headers: { ...(signature !== undefined && { "x-twilio-signature": signature }) },
    });
  }

  function signed(id: string, form: Record<string, string>, token = api.account.authToken): Promise<string> {
    return signature(token, address(id), form);
  }

  function address(id: string): string {
    return `${statusCallback}?${new URLSearchParams({ id })}`;
  }
});

function intent(): SmsIntent {
  const eventId = crypto.randomUUID();
  return {
    id: smsId(eventId, "default"),
    eventId,
    to: parseTelepon(TELEPON[0]) ?? assert.fail(),
    body: `Pendaftaran Baru: ${PENDUDUK[0].nama} (${eventId}) dari Aceh`,
  };
}
