import { before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import realm from "../../ops/keycloak/gov-realm-realm.json" with { type: "json" };
import { DEVELOPMENT_SECRETS } from "../../shared/adapters/embedded/identity/development_secrets.ts";
import { createEmbeddedIdentity } from "../../shared/adapters/embedded/identity/identity.ts";
import { type IdentityOptions, openIdentity } from "../../shared/adapters/keycloak/identity.ts";
import type { Fetch } from "../../shared/adapters/keycloak/provider.ts";
import { EDGE_HEADER } from "../../shared/http/authenticate.ts";
import type { Tokens } from "../../shared/ports/identity.ts";
import { FakeAudit } from "../../tests/fakes/audit.ts";
import { createAuthApp } from "./app.ts";

const CREDENTIALS = { username: "petugas", password: "petugas-rahasia" };

describe("The auth app", () => {
  let up: Fetch;
  let issuer: string;
  let answer: Fetch;
  let app: ReturnType<typeof createAuthApp>;
  /** What the edge adds to a request. */
  let fromEdge: Record<string, string>;

  before(async () => {
    const provider = await createEmbeddedIdentity({
      realm,
      baseUrl: "http://identitas.invalid",
      secret: (name) => DEVELOPMENT_SECRETS[name],
    });
    issuer = provider.issuer;
    up = (request) => provider.app.fetch(request);
    const edge = openIdentity({
      ...options(),
      audience: "gateway",
      client: { id: "gateway", secret: DEVELOPMENT_SECRETS.GOV_GATEWAY_SECRET ?? "" },
      fetch: up,
    });
    fromEdge = { [EDGE_HEADER]: `Bearer ${await edge.serviceToken(AbortSignal.timeout(5_000))}` };
  });

  beforeEach(() => {
    answer = up;
    app = createAuthApp({ identity: openIdentity(options()), audit: new FakeAudit() });
  });

  it("logs in", async () => {
    const response = await post("/login", CREDENTIALS);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("cache-control"), "no-store");
    const tokens = await response.json();
    assert.deepEqual(Object.keys(tokens).sort(), [
      "access_token",
      "expires_in",
      "refresh_token",
      "token_type",
    ]);
    assert.equal(tokens.token_type, "Bearer");
    assert.equal(tokens.expires_in, 300);
  });

  it("refuses a wrong password and an unknown user alike", async () => {
    const wrong = await post("/login", { ...CREDENTIALS, password: "salah" });
    const unknown = await post("/login", { ...CREDENTIALS, username: "tidak-ada" });
    const problems = [await wrong.json(), await unknown.json()];
    for (const [i, response] of [wrong, unknown].entries()) {
      assert.equal(response.status, 401);
      assert.equal(problems[i].code, "WRONG_CREDENTIALS");
    }
    assert.deepEqual({ ...problems[0], traceId: "" }, { ...problems[1], traceId: "" });
  });

  it("names every wrong field", async () => {
    await assertWrongFields(await post("/login", {}), ["password", "username"]);
    await assertWrongFields(await post("/login", { username: "", password: "" }), ["password", "username"]);
    await assertWrongFields(await post("/login", { username: 1, password: null }), ["password", "username"]);
    await assertWrongFields(await post("/login", { ...CREDENTIALS, otp: "1" }), ["otp"]);
    await assertWrongFields(
      await post("/login", { username: "x".repeat(101), password: "x".repeat(5_000) }),
      [
        "password",
        "username",
      ],
    );
    await assertWrongFields(await post("/refresh", {}), ["refresh_token"]);
    await assertWrongFields(await post("/logout", { refresh_token: 1 }), ["refresh_token"]);
  });

  it("shows the protected page with a token, and not without", async () => {
    const { access_token } = await logIn();
    const allowed = await visit(access_token);
    assert.equal(allowed.status, 200);
    assert.deepEqual(await allowed.json(), { message: "Akses diotorisasi" });

    await assertProblem(await app.request("/protected", { headers: fromEdge }), 401, "UNAUTHENTICATED");
    for (const token of ["", "bukan.sebuah.token", `${access_token}A`, "A".repeat(5_000)]) {
      await assertProblem(await visit(token), 401, "UNAUTHENTICATED");
    }
  });

  it("takes an access token only, not the refresh token", async () => {
    const { refresh_token } = await logIn();
    await assertProblem(await visit(refresh_token), 401, "UNAUTHENTICATED");
  });

  it("refreshes a session, once per refresh token", async () => {
    const { refresh_token } = await logIn();
    const refreshed = await post("/refresh", { refresh_token });
    assert.equal(refreshed.status, 200);
    const { access_token } = await refreshed.json();
    assert.equal((await visit(access_token)).status, 200);
    await assertProblem(await post("/refresh", { refresh_token }), 401, "UNAUTHENTICATED");
  });

  it("logs out: neither token is good any more", async () => {
    const { access_token, refresh_token } = await logIn();
    const response = await post("/logout", { refresh_token });
    assert.equal(response.status, 204);
    assert.equal(await response.text(), "");
    await assertProblem(await visit(access_token), 401, "UNAUTHENTICATED");
    await assertProblem(await post("/refresh", { refresh_token }), 401, "UNAUTHENTICATED");
    assert.equal((await post("/logout", { refresh_token })).status, 204, "again");
    await assertProblem(
      await post("/logout", { refresh_token: "bukan.sebuah.token" }),
      401,
      "UNAUTHENTICATED",
    );
  });

  it("is unavailable, never refusing, while the provider is away", async () => {
    const { access_token, refresh_token } = await logIn();
    answer = () => Promise.reject(new TypeError("connection refused"));
    const responses = [
      await post("/login", CREDENTIALS),
      await post("/refresh", { refresh_token }),
      await post("/logout", { refresh_token }),
      await visit(access_token),
    ];
    for (const response of responses) {
      assert.notEqual(response.headers.get("retry-after"), null);
      await assertProblem(response, 503, "IDENTITY_UNAVAILABLE");
    }
  });

  function options(): IdentityOptions {
    return {
      issuer,
      audience: "auth-service",
      acceptedClients: ["auth-service"],
      client: { id: "auth-service", secret: DEVELOPMENT_SECRETS.GOV_AUTH_SERVICE_SECRET ?? "" },
      fetch: (request) => answer(request),
    };
  }

  function post(path: string, body: unknown) {
    return app.request(path, {
      method: "POST",
      headers: { ...fromEdge, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  function visit(token: string) {
    return app.request("/protected", { headers: { ...fromEdge, authorization: `Bearer ${token}` } });
  }

  async function logIn(): Promise<Tokens> {
    return await (await post("/login", CREDENTIALS)).json();
  }
});

async function assertProblem(response: Response, status: number, code: string): Promise<void> {
  assert.equal(response.status, status);
  assert.match(response.headers.get("content-type") ?? "", /^application\/problem\+json/);
  assert.equal((await response.json()).code, code);
}

async function assertWrongFields(response: Response, fields: readonly string[]): Promise<void> {
  assert.equal(response.status, 400);
  const { code, errors } = await response.json();
  assert.equal(code, "INVALID_INPUT");
  assert.deepEqual(errors.map((error: { field: string }) => error.field).sort(), fields);
}
