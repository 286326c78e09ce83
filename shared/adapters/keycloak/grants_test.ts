import { beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createGrants } from "./grants.ts";
import { OUTAGES, TestIssuer } from "./test_issuer.ts";

const CREDENTIALS = { username: "petugas", password: "kata sandi & lain" };

describe("Grants", () => {
  const signal = new AbortController().signal;
  let issuer: TestIssuer;
  beforeEach(() => issuer = new TestIssuer());

  it("hand out only what the port promises", async () => {
    const tokens = { access_token: "a", expires_in: 300, refresh_token: "r", token_type: "Bearer" };
    issuer.answer = () => Response.json({ ...tokens, session_state: "s", id_token: "i" });
    const granted = { kind: "granted", tokens };
    assert.deepEqual(await open().passwordGrant(CREDENTIALS, signal), granted);
    assert.deepEqual(await open().refresh("r", signal), granted);
  });

  it("send the password in the form, whatever is in it", async () => {
    let sent = "";
    issuer.answer = async (request) => {
      sent = await request.text();
      return Response.json({ error: "invalid_grant" }, { status: 400 });
    };
    await open().passwordGrant(CREDENTIALS, signal);
    assert.deepEqual(Object.fromEntries(new URLSearchParams(sent)), {
      grant_type: "password",
      ...CREDENTIALS,
    });
  });

  for (const status of [400, 401]) {
    it(`take "invalid_grant" with ${status} for a wrong password`, async () => {
      issuer.answer = () => Response.json({ error: "invalid_grant" }, { status });
      assert.deepEqual(await open().passwordGrant(CREDENTIALS, signal), { kind: "rejected" });
      assert.deepEqual(await open().refresh("r", signal), { kind: "rejected" });
      assert.equal(await open().logout("r", signal), "rejected");
    });
  }

  for (const error of ["unauthorized_client", "invalid_client", "invalid_request"]) {
    it(`are unavailable when the provider finds "${error}" with our own client`, async () => {
      issuer.answer = () => Response.json({ error }, { status: 401 });
      await assertUnavailable();
    });
  }

  for (const [outage, answer] of Object.entries(OUTAGES)) {
    it(`are unavailable while the provider ${outage}`, async () => {
      issuer.answer = answer;
      await assertUnavailable();
    });
  }

  it("are unavailable to a caller who has left, and the provider is not asked", async () => {
    const left = AbortSignal.abort();
    assert.deepEqual(await open().passwordGrant(CREDENTIALS, left), { kind: "unavailable" });
    assert.equal(issuer.asked, 0);
  });

  async function assertUnavailable(): Promise<void> {
    assert.deepEqual(await open().passwordGrant(CREDENTIALS, signal), { kind: "unavailable" });
    assert.deepEqual(await open().refresh("r", signal), { kind: "unavailable" });
    assert.equal(await open().logout("r", signal), "unavailable");
  }

  function open() {
    return createGrants(issuer.provider(5));
  }
});
