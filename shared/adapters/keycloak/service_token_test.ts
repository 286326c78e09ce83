import { beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Fetch } from "./provider.ts";
import { createServiceToken } from "./service_token.ts";
import { OUTAGES, TestIssuer } from "./test_issuer.ts";

const COOLDOWN_MS = 2_000;
const LIFE_MS = 300_000;

describe("serviceToken", () => {
  const signal = new AbortController().signal;
  let issuer: TestIssuer;
  let granted: number;
  let random: number;
  let grant: Fetch;

  beforeEach(() => {
    issuer = new TestIssuer();
    [granted, random] = [0, 0];
    grant = () =>
      Response.json({ access_token: `token-${++granted}`, expires_in: LIFE_MS / 1000, token_type: "Bearer" });
    issuer.answer = grant;
  });

  it("is asked for by the client's own secret", async () => {
    let seen: Request | undefined;
    issuer.answer = (request) => {
      seen = request.clone();
      return grant(request);
    };
    assert.equal(await open().serviceToken(signal), "token-1");
    assert.equal(seen?.url, `${issuer.issuer}/protocol/openid-connect/token`);
    assert.equal(seen?.headers.get("authorization"), `Basic ${btoa("layanan:rahasia")}`);
    assert.equal(await seen?.text(), "grant_type=client_credentials");
  });

  it("is asked for once by all who come together, and kept", async () => {
    const { serviceToken } = open();
    const tokens = await Promise.all(Array.from({ length: 50 }, () => serviceToken(signal)));
    issuer.time += LIFE_MS / 2 - 1;
    assert.deepEqual(new Set([...tokens, await serviceToken(signal)]), new Set(["token-1"]));
    assert.equal(issuer.asked, 1);
  });

  it("is renewed from the middle of its life on, while the old one serves", async () => {
    const { serviceToken } = open();
    await serviceToken(signal);
    issuer.time += LIFE_MS / 2;
    assert.equal(await serviceToken(signal), "token-1", "nobody waits");
    await settled();
    assert.equal(await serviceToken(signal), "token-2");
    assert.equal(issuer.asked, 2);
  });

  it("is renewed at another time by each who has one", async () => {
    random = 1;
    const { serviceToken } = open();
    await serviceToken(signal);
    issuer.time += LIFE_MS * 0.75 - 1;
    await serviceToken(signal);
    await settled();
    assert.equal(issuer.asked, 1);
    issuer.time += 1;
    await serviceToken(signal);
    await settled();
    assert.equal(issuer.asked, 2);
  });

  for (const [outage, answer] of Object.entries(OUTAGES)) {
    it(`serves to its end while the provider ${outage}, and no longer`, async () => {
      const { serviceToken } = open();
      await serviceToken(signal);
      issuer.answer = answer;
      issuer.time += LIFE_MS - 10_001;
      assert.equal(await serviceToken(signal), "token-1");
      await settled();
      issuer.time += 1;
      assert.equal(await serviceToken(signal), undefined, "it could end on its way");
      issuer.answer = grant;
      issuer.time += COOLDOWN_MS;
      assert.equal(await serviceToken(signal), "token-2");
    });
  }

  it("is asked for once per cool-down while the provider refuses our client", async () => {
    issuer.answer = () => Response.json({ error: "unauthorized_client" }, { status: 401 });
    random = 1;
    const { serviceToken } = open();
    for (let ms = 0; ms < COOLDOWN_MS; ms += 100) {
      assert.equal(await serviceToken(signal), undefined);
      issuer.time += 100;
    }
    assert.equal(issuer.asked, 1);
    await serviceToken(signal);
    assert.equal(issuer.asked, 2);
  });

  it("is another one after a service refused it, at most one per cool-down", async () => {
    const { serviceToken, discardServiceToken } = open();
    await serviceToken(signal);
    issuer.time += COOLDOWN_MS;
    discardServiceToken("token-1");
    assert.equal(await serviceToken(signal), "token-2");
    discardServiceToken("token-1");
    assert.equal(await serviceToken(signal), "token-2", "a late refusal of the old one means nothing");
    discardServiceToken("token-2");
    assert.equal(await serviceToken(signal), undefined);
    assert.equal(issuer.asked, 2);
  });

  it("lets one caller go without failing the others", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    issuer.answer = () => promise;
    const { serviceToken } = open();
    const leaving = new AbortController();
    const gone = serviceToken(leaving.signal);
    const staying = serviceToken(signal);
    leaving.abort();
    assert.equal(await gone, undefined);
    resolve(await grant(new Request(issuer.issuer)));
    assert.equal(await staying, "token-1");
  });

  function open() {
    return createServiceToken({
      provider: issuer.provider(5),
      limits: { serviceCooldownMs: COOLDOWN_MS },
      now: issuer.now,
      random: () => random,
    });
  }
});

/** Lets a renewal in the background end, or give up after its 5 ms. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 10));
}
