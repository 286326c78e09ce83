import assert from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { v7 as uuidv7 } from "uuid";
import { openTwilioSender } from "../../shared/adapters/twilio/sender.ts";
import { parseTelepon, type Sms, smsId, type SmsSender } from "../../shared/ports/sms.ts";
import { smsSenderContract } from "../contract/sms_sender_contract.ts";
import { PENDUDUK, PERSONAL, TELEPON } from "../fixtures.ts";
import { atUrl, type ServedMessagesApi, serveMessagesApi } from "./messages_api.ts";
import { variable } from "./variables.ts";

const stack = {
  accountSid: variable("TWILIO_ACCOUNT_SID"),
  authToken: variable("TWILIO_AUTH_TOKEN"),
  from: variable("TWILIO_FROM"),
  apiUrl: variable("TWILIO_API_URL"),
};

smsSenderContract("that is Twilio", async () => {
  const reports = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(null, { status: 204 }),
  );
  const sender = await openTwilioSender({
    ...stack,
    statusCallback: `http://127.0.0.1:${reports.addr.port}/sms/status`,
  });
  return {
    sender,
    async taken() {
      const messages = await atUrl(stack.apiUrl).messages();
      return messages.flatMap(({ to, body, statusCallback }) => {
        const [eventId = "", officerId = ""] = statusCallback
          ? (new URL(statusCallback).searchParams.get("id") ?? "").split(":")
          : [];
        return officerId ? [{ id: smsId(eventId, officerId), to: telepon(to), body }] : [];
      });
    },
    close: () => reports.shutdown(),
  };
});

describe("Twilio's answer", () => {
  let api: ServedMessagesApi;
  let sender: SmsSender;
  let logged: LogRecord[];
  const send = (message: Sms, signal = AbortSignal.timeout(10_000)) => sender.send(message, signal);
  const find = (message: Sms) => sender.find(message, AbortSignal.timeout(10_000));

  beforeEach(async () => {
    logged = [];
    await configure({
      sinks: { memory: (record) => void logged.push(record) },
      loggers: [
        { category: "kependudukan", sinks: ["memory"] },
        { category: ["logtape", "meta"], lowestLevel: "fatal" },
      ],
    });
    api = serveMessagesApi();
    sender = await openTwilioSender(api.account);
  });
  afterEach(async () => {
    await api.stop();
    const text = JSON.stringify(logged);
    for (const secret of [...PERSONAL, api.account.authToken]) assert.ok(!text.includes(secret));
    await reset();
  });

  it("201 is a sent message with Twilio's id, which bears the sender and the text", async () => {
    const message = sms();
    const result = await send(message);
    const [accepted] = await api.messages();
    assert.deepEqual(result, { kind: "sent", providerId: accepted?.sid });
    assert.deepEqual([accepted?.to, accepted?.body], [message.to, message.body]);
  });

  // Twilio's own numbers for tests.
  for (
    const [code, message] of [
      ["21211", { to: telepon("+15005550001") }],
      ["21612", { to: telepon("+15005550002") }],
      ["21408", { to: telepon("+15005550003") }],
      ["21610", { to: telepon("+15005550004") }],
      ["21614", { to: telepon("+15005550009") }],
      ["21617", { body: "x".repeat(1601) }],
    ] as const
  ) {
    it(`400 with ${code} refuses the message for ever`, async () => {
      assert.deepEqual(await send({ ...sms(), ...message }), { kind: "refused", code });
      assert.equal((await api.count()).accepted, 0);
    });
  }

  for (
    const [form, retryAfter, least, most] of [
      ["seconds", "7", 7_000, 7_000],
      ["a date", new Date(Date.now() + 3_600_000).toUTCString(), 3_500_000, 3_600_000],
      ["a date that has passed", new Date(0).toUTCString(), 0, 0],
      ["nonsense", "soon", 1_000, 1_000],
    ] as const
  ) {
    it(`429 waits as Retry-After says, here with ${form}`, async () => {
      await api.order({ mode: "throttled", retryAfter });
      const result = await send(sms());
      assert.ok(result.kind === "throttled");
      assert.ok(result.retryAfterMs >= least && result.retryAfterMs <= most);
    });
  }

  it("400 with 21611, a full queue, waits instead of losing the message", async () => {
    await api.order({ mode: "refused", code: 21611 });
    assert.deepEqual(await send(sms()), { kind: "throttled", retryAfterMs: 1_000 });
  });

  it("401 stops all, says once what a person must do, and refuses no message", async () => {
    await api.order({ mode: "unauthorized" });
    const results = await Promise.all(Array.from({ length: 20 }, () => send(sms())));
    for (const result of results) assert.deepEqual(result, { kind: "throttled", retryAfterMs: 60_000 });
    const [alert, ...more] = logged;
    assert.equal(alert?.level, "error");
    assert.equal(alert?.properties["variable"], "TWILIO_AUTH_TOKEN");
    assert.deepEqual(more, []);
  });

  it("401 makes the check fail by the variable's name", async () => {
    const impostor = await openedThenLocked(api);
    await assert.rejects(impostor.check(AbortSignal.timeout(5_000)), /^Unusable: TWILIO_AUTH_TOKEN is not/);
  });

  for (const from of ["ASING", `MG${"0".repeat(32)}`]) {
    it(`400 because of our own sender "${from.slice(0, 5)}" stops all and names TWILIO_FROM`, async () => {
      sender = await openTwilioSender({ ...api.account, from });
      assert.deepEqual(await send(sms()), { kind: "throttled", retryAfterMs: 60_000 });
      assert.equal(logged[0]?.properties["variable"], "TWILIO_FROM");
    });
  }

  it("500 leaves open whether the message was taken, and finding tells", async () => {
    await api.order({ mode: "error", times: 1 });
    const lost = sms();
    assert.deepEqual(await send(lost), { kind: "ambiguous", code: "20500" });
    assert.equal(await find(lost), undefined);
    await api.order({ mode: "accept-then-error", times: 1 });
    const taken = sms();
    assert.deepEqual(await send(taken), { kind: "ambiguous", code: "20500" });
    assert.equal(await find(taken), (await api.messages())[0]?.sid);
  });

  it("an answer that cannot be read leaves it open", async () => {
    await api.order({ mode: "accept-then-garble" });
    const message = sms();
    assert.deepEqual(await send(message), { kind: "ambiguous", code: "UNREADABLE" });
    assert.equal(await find(message), (await api.messages())[0]?.sid);
  });

  it("no answer before the deadline leaves it open", async () => {
    await api.order({ mode: "accept-then-hang" });
    const message = sms();
    const deadline = new AbortController();
    const sending = send(message, deadline.signal);
    await api.until(({ accepted }) => accepted === 1);
    deadline.abort(new DOMException("Deadline passed", "TimeoutError"));
    assert.deepEqual(await sending, { kind: "ambiguous", code: "TIMEOUT" });
    assert.equal(await find(message), (await api.messages())[0]?.sid);
    await api.order({ mode: "hang" });
    assert.deepEqual(await send(sms(), AbortSignal.timeout(50)), { kind: "ambiguous", code: "TIMEOUT" });
    assert.equal((await api.count()).accepted, 1);
  });

  it("is not asked for when the deadline has passed before, so nothing was taken", async () => {
    const result = await send(sms(), AbortSignal.abort(new Error("too late")));
    assert.deepEqual(result, { kind: "throttled", retryAfterMs: 0 });
  });

  it("a list that cannot be read makes finding fail", async () => {
    await api.order({ listing: "error" });
    await assert.rejects(find(sms()));
  });

  describe("in a list of many messages", () => {
    it("is found on its third page", async () => {
      const message = sms();
      const result = await send(message);
      await fill(2_100);
      assert.equal(await find(message), result.kind === "sent" && result.providerId);
    });

    it("does not take an older registration's message with the same text for its own", async () => {
      const earlier = sms();
      await send(earlier);
      const later = { ...sms({ registeredAt: Date.now() + 60_000 }), body: earlier.body };
      assert.equal(await find(later), undefined);
    });

    it("takes the oldest after the registration when several texts are equal", async () => {
      const first = sms();
      const result = await send(first);
      await send({ ...sms(), body: first.body });
      assert.equal(await find(first), result.kind === "sent" && result.providerId);
    });

    it("leaves messages to others alone", async () => {
      const message = sms();
      await send({ ...message, to: telepon(TELEPON[1]) });
      assert.equal(await find(message), undefined);
    });

    async function fill(count: number): Promise<void> {
      let left = count;
      await Promise.all(Array.from({ length: 50 }, async () => {
        while (left-- > 0) assert.equal((await send(sms())).kind, "sent");
      }));
    }
  });
});

/** A sender that opened while its token was good. */
async function openedThenLocked(api: ServedMessagesApi): Promise<SmsSender> {
  let locked = false;
  const gate = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    if (locked) return Response.json({ code: 20003, message: "Authenticate", status: 401 }, { status: 401 });
    const { pathname, search } = new URL(request.url);
    return await fetch(api.url + pathname + search, { headers: request.headers });
  });
  const sender = await openTwilioSender({ ...api.account, apiUrl: `http://127.0.0.1:${gate.addr.port}` });
  locked = true;
  gate.unref();
  return sender;
}

function sms({ registeredAt = Date.now() } = {}): Sms {
  const eventId = uuidv7({ msecs: registeredAt });
  return {
    id: smsId(eventId, "default"),
    to: telepon(TELEPON[0]),
    body: `Pendaftaran Baru: ${PENDUDUK[0].nama} (${eventId}) dari Aceh`,
  };
}

function telepon(text: string) {
  return parseTelepon(text) ?? assert.fail();
}
