import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { openTwilioSender } from "../../shared/adapters/twilio/sender.ts";
import { parseTelepon, type SendResult, type Sms, smsId } from "../../shared/ports/sms.ts";
import { Unusable } from "../../shared/resilience/reach.ts";
import { PENDUDUK, TELEPON } from "../fixtures.ts";
import { type ServedMessagesApi, serveMessagesApi } from "./messages_api.ts";

describe("A connection to Twilio", () => {
  it("that is refused has taken nothing", async () => {
    const api = serveMessagesApi();
    const sender = await openTwilioSender(api.account);
    await api.stop();
    // Also lets the client see that the kept connection has ended.
    await assert.rejects(sender.check(AbortSignal.timeout(5_000)));
    await assert.rejects(sender.find(sms(), AbortSignal.timeout(5_000)));
    const away: SendResult = { kind: "throttled", retryAfterMs: 1_000 };
    assert.deepEqual(await sender.send(sms(), AbortSignal.timeout(5_000)), away);
  });

  it("that ends after a message was sent on it carries the message once, and leaves it open", async () => {
    const server = new AbruptServer();
    const sender = await openTwilioSender({ ...ACCOUNT, apiUrl: server.url });
    const results: SendResult[] = [];
    for (let i = 0; i < 3; i++) results.push(await sender.send(sms(), AbortSignal.timeout(5_000)));
    assert.deepEqual(new Set(results.map(({ kind }) => kind)), new Set(["ambiguous"]));
    assert.equal(server.messages, 3);
    server.close();
  });
});

describe("A Twilio that cannot be used is told at the start", () => {
  let api: ServedMessagesApi;
  before(() => api = serveMessagesApi());
  after(async () => await api.stop());

  it("when it refuses the token", async () => {
    const sentence = "TWILIO_AUTH_TOKEN is not the token of TWILIO_ACCOUNT_SID";
    await refused(openTwilioSender({ ...api.account, authToken: "another" }), sentence);
  });

  it("when the sender is a number, or too long", async () => {
    for (const from of ["+12025550100", "DINAS KEPENDUDUKAN", "12345", ""]) {
      await refused(
        openTwilioSender({ ...api.account, from }),
        "TWILIO_FROM must be a sender of 1 to 11 letters and digits, or a messaging service MG…",
      );
    }
  });

  it("when it is another kind of server", async () => {
    for (const answer of [() => new Response("<html>"), () => new Response("Not found", { status: 404 })]) {
      const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
      await refused(
        openTwilioSender({ ...api.account, apiUrl: `http://127.0.0.1:${server.addr.port}` }),
        "TWILIO_API_URL names a server that does not answer as Twilio does",
      );
      await server.shutdown();
    }
  });

  it("when it cannot be reached for a while", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const apiUrl = `http://127.0.0.1:${listener.addr.port}`;
    listener.close();
    await refused(
      openTwilioSender({ ...api.account, apiUrl, start: { withinMs: 300 } }),
      "TWILIO_API_URL names a Twilio that cannot be reached: no connection",
    );
  });
});

/** Knows the account, and ends the connection as soon as it has read a message on it. */
class AbruptServer {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly url = `http://127.0.0.1:${this.#listener.addr.port}`;
  messages = 0;

  constructor() {
    void this.#listen();
  }

  close(): void {
    this.#listener.close();
  }

  async #listen(): Promise<void> {
    for await (const connection of this.#listener) void this.#serve(connection);
  }

  async #serve(connection: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(16_384);
    for (;;) {
      const length = await connection.read(buffer).catch(() => null);
      if (length === null) return;
      const text = new TextDecoder().decode(buffer.subarray(0, length));
      if (text.startsWith("POST")) this.messages++;
      if (!text.startsWith("GET")) return connection.close();
      const body = '{"status":"active"}';
      await connection.write(
        new TextEncoder().encode(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
      );
    }
  }
}

async function refused(opening: Promise<unknown>, sentence: string): Promise<void> {
  await assert.rejects(opening, (error) => {
    assert.ok(error instanceof Unusable);
    assert.equal(error.message, sentence);
    return true;
  });
}

function sms(): Sms {
  return {
    id: smsId(crypto.randomUUID(), "default"),
    to: parseTelepon(TELEPON[0]) ?? assert.fail(),
    body: `Pendaftaran Baru: ${PENDUDUK[0].nama} dari Aceh`,
  };
}

const ACCOUNT = { accountSid: "AC0000000000000000000000000000beef", authToken: "rahasia", from: "DUKCAPIL" };
