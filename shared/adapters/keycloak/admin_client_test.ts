import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { SignJWT } from "jose";
import { openAdminClient } from "./admin_client.ts";

describe("The client of the admin API", () => {
  let server: Deno.HttpServer<Deno.NetAddr>;
  let tokens: number;
  let tokenSeconds: number;
  let connections: Set<number>;
  let answer: () => Response | Promise<Response>;

  beforeEach(() => {
    [tokens, tokenSeconds, connections] = [0, 300, new Set()];
    answer = () => Response.json([]);
    server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request, { remoteAddr }) => {
        connections.add(remoteAddr.port);
        await request.arrayBuffer();
        if (!request.url.endsWith("/token")) return await answer();
        tokens++;
        const seconds = Math.floor(Date.now() / 1000) + tokenSeconds;
        const token = await new SignJWT().setProtectedHeader({ alg: "HS256" }).setExpirationTime(seconds)
          .sign(new Uint8Array(32));
        return Response.json({ access_token: token, expires_in: tokenSeconds });
      },
    );
  });
  afterEach(() => server.shutdown());

  it("asks for one token however many ask at once, and again once it expires", async () => {
    const ask = open();
    await Promise.all(Array.from({ length: 20 }, () => ask((admin) => admin.users.find({}))));
    await ask((admin) => admin.users.find({}));
    assert.equal(tokens, 1);

    tokenSeconds = 3;
    const hurried = open();
    await hurried((admin) => admin.users.find({}));
    await hurried((admin) => admin.users.find({}));
    assert.equal(tokens, 3, "within five seconds of its end a token is renewed");
  });

  it("keeps no connection, on which Deno could repeat a request that made a user", async () => {
    const ask = open();
    for (let i = 0; i < 3; i++) await ask((admin) => admin.users.create({ username: "x" })).catch(() => {});
    assert.equal(connections.size, 4, "one for the token and one for each request");
  });

  it("waits no longer than its deadline", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    answer = () => promise;
    await assert.rejects(open(200)((admin) => admin.users.find({})), { name: "DirectoryUnavailable" });
    resolve(new Response());
  });

  it("calls a server error an outage, and repeats nothing of what it said", async () => {
    answer = () => Response.json({ errorMessage: "rincian rahasia" }, { status: 500 });
    await assert.rejects(open()((admin) => admin.users.find({})), {
      name: "DirectoryUnavailable",
      message: `Identity provider at "${url()}" answered 500; look at its log`,
    });
  });

  it("follows no redirect, which would carry the token elsewhere", async () => {
    answer = () => Response.redirect("http://127.0.0.1:1/lain");
    await assert.rejects(open()((admin) => admin.users.find({})), { name: "DirectoryUnavailable" });
  });

  const url = () => `http://127.0.0.1:${server.addr.port}`;
  const open = (timeoutMs = 10_000) =>
    openAdminClient({ url: url(), realm: "uji", client: { id: "auth-admin", secret: "rahasia" }, timeoutMs });
});
