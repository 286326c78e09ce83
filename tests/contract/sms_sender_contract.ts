import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { parseTelepon, type Sms, smsId, type SmsSender } from "../../shared/ports/sms.ts";
import { PENDUDUK, TELEPON } from "../fixtures.ts";

/** What every sender promises. */
export function smsSenderContract(name: string, open: () => Promise<OpenSender>): void {
  describe(`The SMS sender ${name}`, () => {
    let opened: OpenSender;
    let sender: SmsSender;
    const taken = async (message: Sms) => (await opened.taken()).filter(({ id }) => id === message.id);
    const send = (message: Sms) => sender.send(message, AbortSignal.timeout(10_000));

    before(async () => {
      opened = await open();
      sender = opened.sender;
    });
    after(async () => await opened.close());

    it("takes a message word for word and names it as it does when asked for it later", async () => {
      const message = sms({ body: `'X' "Y" \\ {} & + % = # ${crypto.randomUUID()}` });
      const result = await send(message);
      assert.equal(result.kind, "sent");
      assert.deepEqual(await taken(message), [message]);
      assert.equal(
        await sender.find(message, AbortSignal.timeout(10_000)),
        result.kind === "sent" && result.providerId,
      );
    });

    it("does not find a message that it never took", async () => {
      assert.equal(await sender.find(sms(), AbortSignal.timeout(10_000)), undefined);
    });

    it("rejects instead of saying that it knows nothing when the time to find has passed", async () => {
      await assert.rejects(sender.find(sms(), AbortSignal.abort(new Error("too late"))));
    });

    it("answers with a result and takes nothing when the time to send has passed", async () => {
      const message = sms();
      const result = await sender.send(message, AbortSignal.abort(new Error("too late")));
      assert.ok(result.kind === "throttled" || result.kind === "ambiguous");
      assert.deepEqual(await taken(message), []);
    });

    it("holds a message once however often it is sent, when it says that it is idempotent", async () => {
      if (!sender.idempotent) return;
      const message = sms();
      const results = [
        ...await Promise.all([send(message), send(message), send(message)]),
        await send(message),
      ];
      assert.deepEqual(new Set(results.map(({ kind }) => kind)), new Set(["sent"]));
      assert.equal((await taken(message)).length, 1);
    });

    it("finds each of several messages under its own name", async () => {
      const messages = [sms(), sms(), sms()];
      const results = await Promise.all(messages.map(send));
      for (const [i, message] of messages.entries()) {
        const result = results[i];
        const found = await sender.find(message, AbortSignal.timeout(10_000));
        assert.equal(found, result?.kind === "sent" && result.providerId);
      }
    });

    it("takes overlapping messages in the order of the calls, when it says that it is ordered", async () => {
      if (!sender.ordered) return;
      const messages = Array.from({ length: 4000 }, () => sms());
      await Promise.all(messages.map(send));
      const ids = new Set(messages.map(({ id }) => id));
      const order = (await opened.taken()).filter(({ id }) => ids.has(id)).map(({ id }) => id);
      assert.deepEqual(order, messages.map(({ id }) => id));
    });

    it("answers that it can be reached", async () => await sender.check(AbortSignal.timeout(5_000)));
  });
}

/** Unless told otherwise each has a text of its own, for some senders know a message by nothing else. */
function sms({ body }: { readonly body?: string } = {}): Sms {
  const eventId = crypto.randomUUID();
  return {
    id: smsId(eventId, "default"),
    to: parseTelepon(TELEPON[0]) ?? assert.fail(),
    body: body ?? `Pendaftaran Baru: ${PENDUDUK[0].nama} (${eventId}) dari Aceh`,
  };
}

export interface OpenSender {
  readonly sender: SmsSender;
  /** What the sender took so far, in the order in which it took it. */
  taken(): Promise<readonly Sms[]>;
  close(): Promise<void>;
}
