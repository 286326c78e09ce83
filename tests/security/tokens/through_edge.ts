import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { RealmClient } from "../../contract/identity_client.ts";
import { type ServedEdge, serveEdge } from "../served_edge.ts";
import { TOKEN_ATTACKS } from "./attacks.ts";
import { type Kit, openKit, publishingToo, token } from "./forge.ts";
import { type Lure, openLure } from "./lure.ts";

/** Sends every hostile token over HTTP to the whole edge, before the provider that `client` leads to. */
export function tokensThroughEdge(client: () => RealmClient): void {
  let lure: Lure;
  let kit: Kit;
  let edge: ServedEdge;

  before(async () => {
    lure = openLure();
    kit = await openKit(client(), lure.url);
    const identity = client().open({
      audience: "gateway",
      client: client().clientOf("gateway"),
      fetch: publishingToo(client().realm.fetch),
    });
    edge = serveEdge(identity);
    for (const good of [kit.good, token(kit.claims)]) {
      assert.equal((await send(good)).status, 200, "a good token passes, or the attacks prove nothing");
    }
    assert.equal(edge.reached(), 2);
  });
  after(async () => {
    await edge.close();
    await lure.close();
  });

  for (const { name, forge } of TOKEN_ATTACKS) {
    it(`${name} is refused`, async () => {
      const answer = await send(forge(kit));
      const problem = await answer.json();
      assert.equal(answer.status, 401);
      assert.equal(problem.code, "UNAUTHENTICATED");
      assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
      assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer/);
      assert.equal(edge.reached(), 2, "it reached no origin");
      assert.equal(lure.asked(), 0, "nobody looked for a key where it says");
    });
  }

  function send(token: string): Promise<Response> {
    return fetch(`${edge.url}/protected`, { headers: { authorization: `Bearer ${token}` } });
  }
}
