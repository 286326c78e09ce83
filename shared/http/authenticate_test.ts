import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { fakeIdentity, FROM_EDGE } from "../../tests/fakes/identity.ts";
import type { Identity } from "../ports/identity.ts";
import { createApp } from "./app.ts";
import { onlyFromEdge } from "./authenticate.ts";

describe("onlyFromEdge", () => {
  it("lets the edge through", async () => {
    assert.equal((await app().request("/", { headers: FROM_EDGE })).status, 200);
  });

  it("refuses everybody else with a code and a challenge of its own, paths that do not exist too", async () => {
    for (
      const headers of [{}, { "x-edge-authorization": "Bearer petugas" }, { authorization: "Bearer edge" }]
    ) {
      for (const path of ["/", "/tidak-ada"]) {
        const answer = await app().request(path, { headers: new Headers(headers) });
        assert.equal(answer.status, 401);
        assert.equal(answer.headers.get("www-authenticate"), 'Bearer realm="edge"');
        assert.equal((await answer.json()).code, "NOT_FROM_EDGE");
      }
    }
  });

  it("is unavailable, not refusing, while nobody can check the edge's token", async () => {
    const away = app({ verifyEdge: () => Promise.resolve({ kind: "unavailable" }) });
    const answer = await away.request("/", { headers: FROM_EDGE });
    assert.equal(answer.status, 503);
    assert.ok(answer.headers.has("retry-after"));
    assert.equal((await answer.json()).code, "IDENTITY_UNAVAILABLE");
    assert.equal((await away.request("/")).status, 401, "without a token there is nothing to check");
  });

  function app(identity: Partial<Identity> = {}) {
    const app = createApp({ service: "test" });
    app.use(onlyFromEdge(fakeIdentity(identity)));
    return app.get("/", (c) => c.text("ok"));
  }
});
