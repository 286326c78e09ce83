import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { EdgeClient, SimulationFailed } from "./edge_client.ts";

describe("The client of the edge", () => {
  let clock = 0;
  let issued = 0;
  const open = (answer: (request: Request) => Response | Promise<Response>) => {
    clock = 0;
    issued = 0;
    return new EdgeClient({
      url: "http://edge",
      identity: "http://identity",
      operations: "http://edge",
      secret: "s3cret",
    }, {
      now: () => clock,
      fetch: async (input, init) => await answer(new Request(input, init)),
    });
  };
  const token = () => Response.json({ access_token: `token-${++issued}`, expires_in: 300 });
  const isToken = (request: Request) =>
    request.url.endsWith("/realms/gov-realm/protocol/openid-connect/token");

  it("fetches one token by client credentials, however many requests need it", async () => {
    const forms: string[] = [];
    const edge = open(async (request) => {
      if (!isToken(request)) return Response.json(request.headers.get("authorization"));
      forms.push(`${new URL(request.url).origin} ${await request.text()}`);
      return token();
    });
    const answers = await Promise.all([edge.request("/a"), edge.request("/b"), edge.request("/c")]);
    assert.deepEqual(forms, [
      "http://identity grant_type=client_credentials&client_id=simulasi&client_secret=s3cret",
    ]);
    assert.ok(answers.every((answer) => answer.kind === "answered" && answer.body === "Bearer token-1"));
  });

  it("renews it half a minute before it expires", async () => {
    const edge = open((request) => isToken(request) ? token() : Response.json({}));
    await edge.request("/a");
    clock = 269_999;
    await edge.request("/a");
    assert.equal(issued, 1);
    clock = 270_000;
    await edge.request("/a");
    assert.equal(issued, 2);
  });

  it("renews it once when many requests are answered 401 for it", async () => {
    const edge = open((request) => {
      if (isToken(request)) return token();
      return new Response(null, {
        status: request.headers.get("authorization") === "Bearer token-1" ? 401 : 200,
      });
    });
    await Promise.all(Array.from({ length: 5 }, () => edge.request("/a")));
    const again = await Promise.all(Array.from({ length: 5 }, () => edge.request("/a")));
    assert.ok(again.every((answer) => answer.kind === "answered" && answer.status === 200));
    assert.equal(issued, 2);
  });

  it("keeps the new token when a late 401 speaks of the old one", async () => {
    const late = Promise.withResolvers<Response>();
    const edge = open((request) => {
      if (isToken(request)) return token();
      if (request.url.endsWith("/slow")) return late.promise;
      return new Response(null, {
        status: request.headers.get("authorization") === "Bearer token-1" ? 401 : 200,
      });
    });
    const slow = edge.request("/slow");
    await edge.request("/a");
    await edge.request("/a");
    late.resolve(new Response(null, { status: 401 }));
    await slow;
    await edge.request("/a");
    assert.equal(issued, 2);
  });

  it("takes an identity provider that is away for a lost request and tries it again next time", async () => {
    let away = true;
    const edge = open((request) => {
      if (isToken(request)) return away ? Promise.reject(new TypeError("connection refused")) : token();
      return Response.json({});
    });
    assert.deepEqual(await edge.request("/a"), { kind: "lost", code: "CONNECTION" });
    away = false;
    assert.equal((await edge.request("/a")).kind, "answered");
  });

  it("fails with a sentence when the provider refuses the secret", async () => {
    const edge = open(() => Response.json({ error: "unauthorized_client" }, { status: 401 }));
    await assert.rejects(edge.request("/a"), (error: unknown) => {
      assert.ok(error instanceof SimulationFailed);
      assert.match(error.message, /client "simulasi".*status 401.*--secret/);
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    });
  });
});
