import { beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Identity } from "../../ports/identity.ts";
import { createIntrospection } from "./introspect.ts";
import { LIMITS } from "./limits.ts";
import { OUTAGES, TestIssuer } from "./test_issuer.ts";

/** `{"alg":"ES256","typ":"JWT"}` and `{}`, and then any signature. */
const HEAD = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.e30";
const TOKEN = `${HEAD}.dGFuZGEx`;
const OTHER = `${HEAD}.dGFuZGEy`;
const UNAVAILABLE = { kind: "unavailable" };

describe("introspect", () => {
  const signal = new AbortController().signal;
  let issuer: TestIssuer;
  let introspect: Identity["introspect"];
  let answered: Record<string, unknown>;

  beforeEach(() => {
    issuer = new TestIssuer();
    answered = { ...issuer.claims(), client_id: "auth-service", active: true };
    issuer.answer = () => Response.json(answered);
    introspect = open();
  });

  it("sends the token to the provider's endpoint under the client's own secret", async () => {
    let seen: Request | undefined;
    issuer.answer = (request) => {
      seen = request;
      return Response.json(answered);
    };
    const verification = await introspect(TOKEN, signal);
    assert.equal(verification.kind, "verified");
    assert.equal(seen?.method, "POST");
    assert.equal(seen?.url, `${issuer.issuer}/protocol/openid-connect/token/introspect`);
    assert.equal(seen?.headers.get("authorization"), `Basic ${btoa("layanan:rahasia")}`);
    assert.equal(await seen?.text(), `token=${TOKEN}`);
  });

  it("asks once for all who come with the token, and again after ten seconds", async () => {
    await Promise.all(Array.from({ length: 50 }, () => introspect(TOKEN, signal)));
    issuer.time += 9_999;
    await introspect(TOKEN, signal);
    assert.equal(issuer.asked, 1);
    issuer.time += 1;
    await introspect(TOKEN, signal);
    assert.equal(issuer.asked, 2);
  });

  it("counts the ten seconds from the question: a logout during a slow answer is not late", async () => {
    issuer.answer = () => {
      issuer.time += 2_000;
      return Response.json(answered);
    };
    await introspect(TOKEN, signal);
    issuer.time += 8_000;
    await introspect(TOKEN, signal);
    assert.equal(issuer.asked, 2);
  });

  it("asks anew in the last quarter of that time, while whoever comes is answered at once", async () => {
    introspect = open({}, 1_000, 0.9);
    await introspect(TOKEN, signal);
    issuer.time += 7_749;
    await introspect(TOKEN, signal);
    assert.equal(issuer.asked, 1);
    issuer.time += 1;
    const { promise, resolve } = Promise.withResolvers<Response>();
    issuer.answer = () => promise;
    for (let i = 0; i < 3; i++) assert.equal((await introspect(TOKEN, signal)).kind, "verified");
    assert.equal(issuer.asked, 2);
    resolve(Response.json({ active: false }));
    await settled();
    assert.deepEqual(await introspect(TOKEN, signal), { kind: "rejected", reason: "inactive" });
    assert.equal(issuer.asked, 2);
  });

  it("waits for the answer that is being asked for when the time of the last one is over", async () => {
    introspect = open({}, 1_000, 0.5);
    await introspect(TOKEN, signal);
    const { promise, resolve } = Promise.withResolvers<Response>();
    issuer.answer = () => promise;
    issuer.time += 9_999;
    await introspect(TOKEN, signal);
    issuer.time += 1;
    const waiting = introspect(TOKEN, signal);
    resolve(Response.json({ active: false }));
    assert.deepEqual(await waiting, { kind: "rejected", reason: "inactive" });
    assert.equal(issuer.asked, 2);
  });

  describe("when very many come with tokens that it does not know", () => {
    // Of three letters base64 has four and no padding, as it must be.
    const tokens = Array.from({ length: 100 }, (_, i) => `${HEAD}.${btoa(`${100 + i}`)}`);

    it("asks about a few at once, in the order of their coming, and answers all", async () => {
      const asked: ((answer: Response) => void)[] = [];
      issuer.answer = () => new Promise((resolve) => asked.push(resolve));
      const answers = tokens.map((token) => introspect(token, signal));
      for (let told = 0; told < tokens.length; told++) {
        await settled();
        assert.equal(asked.length, Math.min(told + 32, tokens.length));
        asked[told]?.(Response.json(answered));
      }
      assert.deepEqual(new Set((await Promise.all(answers)).map(({ kind }) => kind)), new Set(["verified"]));
    });

    it("does not begin to ask for whoever has waited as long as an answer may take", async () => {
      const asked: ((answer: Response) => void)[] = [];
      issuer.answer = () => new Promise((resolve) => asked.push(resolve));
      const answers = tokens.map((token) => introspect(token, signal));
      await settled();
      issuer.time += LIMITS.timeoutMs;
      for (const tell of asked) tell(Response.json(answered));
      const kinds = (await Promise.all(answers)).map(({ kind }) => kind);
      assert.deepEqual(new Set(kinds.slice(0, 32)), new Set(["verified"]));
      assert.deepEqual(new Set(kinds.slice(32)), new Set(["unavailable"]));
      assert.equal(issuer.asked, 32);
    });
  });

  it("asks ahead once only, and keeps to the ten seconds, while the provider does not answer", async () => {
    introspect = open({}, 1_000, 1);
    await introspect(TOKEN, signal);
    issuer.answer = () => new Response("rusak", { status: 500 });
    issuer.time += 7_500;
    for (let i = 0; i < 10; i++) {
      assert.equal((await introspect(TOKEN, signal)).kind, "verified");
      await settled();
    }
    assert.equal(issuer.asked, 2);
    issuer.time += 2_500;
    assert.deepEqual(await introspect(TOKEN, signal), UNAVAILABLE);
  });

  it("remembers a refusal for two seconds only", async () => {
    answered = { active: false };
    assert.deepEqual(await introspect(TOKEN, signal), { kind: "rejected", reason: "inactive" });
    issuer.time += 1_999;
    await introspect(TOKEN, signal);
    assert.equal(issuer.asked, 1);
    issuer.time += 1;
    await introspect(TOKEN, signal);
    assert.equal(issuer.asked, 2);
  });

  it("never remembers a token past its end", async () => {
    answered = { ...answered, exp: issuer.time / 1000 + 3 };
    await introspect(TOKEN, signal);
    issuer.time += 3_000;
    answered = { active: false };
    assert.deepEqual(await introspect(TOKEN, signal), { kind: "rejected", reason: "inactive" });
  });

  it("keeps no more answers than it may", async () => {
    introspect = open({ cachedTokens: 1 });
    await introspect(TOKEN, signal);
    await introspect(OTHER, signal);
    await introspect(TOKEN, signal);
    assert.equal(issuer.asked, 3);
  });

  it("refuses active tokens that are meant for somebody else", async () => {
    const cases = [
      [{ aud: "gateway" }, "audience"],
      [{ aud: undefined }, "audience"],
      [{ azp: "lain" }, "client"],
      [{ typ: "Refresh" }, "type"],
      [{ iss: "https://lain.invalid" }, "issuer"],
      [{ exp: issuer.time / 1000 - 5 }, "expired"],
      [{ cnf: { jkt: "sidik-jari" } }, "sender-constrained"],
      [{ sub: undefined }, "claims"],
      [{ exp: undefined }, "claims"],
      [{ active: "true" }, "inactive"],
    ] as const;
    for (const [changes, reason] of cases) {
      answered = { ...issuer.claims(), active: true, ...changes };
      const verification = await open()(TOKEN, signal);
      assert.deepEqual(verification, { kind: "rejected", reason }, JSON.stringify(changes));
    }
  });

  it("does not trouble the provider with what is no token", async () => {
    assert.deepEqual(await introspect("A".repeat(4097), signal), { kind: "rejected", reason: "too-long" });
    for (const token of ["", "a.b", "a.b.c.d", "a b.c.d"]) {
      assert.deepEqual(await introspect(token, signal), { kind: "rejected", reason: "malformed" });
    }
    assert.equal(issuer.asked, 0);
  });

  for (const [outage, answer] of Object.entries(OUTAGES)) {
    it(`is unavailable while the provider ${outage}, and remembers nothing of it`, async () => {
      introspect = open({}, 5);
      issuer.answer = answer;
      assert.deepEqual(await introspect(TOKEN, signal), UNAVAILABLE);
      issuer.answer = () => Response.json(answered);
      assert.equal((await introspect(TOKEN, signal)).kind, "verified");
    });
  }

  it("is unavailable when our own client is refused", async () => {
    issuer.answer = () => Response.json({ error: "invalid_client" }, { status: 401 });
    assert.deepEqual(await introspect(TOKEN, signal), UNAVAILABLE);
  });

  it("believes nothing that comes with an error's status", async () => {
    issuer.answer = () => Response.json(answered, { status: 500 });
    assert.deepEqual(await introspect(TOKEN, signal), UNAVAILABLE);
  });

  it("lets one caller go without failing the others", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    issuer.answer = () => promise;
    const leaving = new AbortController();
    const gone = introspect(TOKEN, leaving.signal);
    const staying = introspect(TOKEN, signal);
    leaving.abort();
    assert.deepEqual(await gone, UNAVAILABLE);
    resolve(Response.json(answered));
    assert.equal((await staying).kind, "verified");
    assert.equal(issuer.asked, 1);
  });

  /** Unless told, nothing is asked ahead. */
  function open(changes: Partial<typeof LIMITS> = {}, timeoutMs = 1_000, random = 0): Identity["introspect"] {
    const expected = { issuer: issuer.issuer, audience: "layanan", clients: new Set(["auth-service"]) };
    const limits = { ...LIMITS, ...changes };
    const provider = issuer.provider(timeoutMs);
    return createIntrospection({ provider, expected, limits, now: issuer.now, random: () => random });
  }

  /** Whatever goes on without being waited for, and needs no time, is over. */
  const settled = () => new Promise((resolve) => setTimeout(resolve));
});
