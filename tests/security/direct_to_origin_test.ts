import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { ROUTES, type Upstream } from "../../edge/routes.ts";
import type { Fetch } from "../../shared/adapters/keycloak/provider.ts";
import { openEmbeddedRealm } from "../contract/embedded_realm.ts";
import { CLIENTS, RealmClient } from "../contract/identity_client.ts";
import { PENDUDUK } from "../fixtures.ts";
import { type ServedOrigins, serveOrigins } from "./served_origins.ts";
import { encode, parts, STRANGER, token } from "./tokens/forge.ts";

/** The edge answers the others by itself. */
const PROXIED = ROUTES.flatMap((route) => route.upstream === "edge" ? [] : [route]);

/** Whoever is in the network and leaves the edge out, with whatever he has and says of himself. */
describe("Attacks by requests past the edge", () => {
  let origins: ServedOrigins;
  let tokens: Tokens;

  before(async () => {
    const realm = await openEmbeddedRealm();
    const client = new RealmClient(realm, undefined);
    const edge = client.open({ audience: "gateway", client: client.clientOf("gateway") });
    const service = await client.post("token", CLIENTS.simulasi, { grant_type: "client_credentials" });
    tokens = {
      edge: await edge.serviceToken(AbortSignal.timeout(5_000)) ?? assert.fail("no token"),
      admin: (await client.logIn("admin")).access_token,
      petugas: (await client.logIn("petugas")).access_token,
      service: String(service.access_token),
    };
    origins = serveOrigins((origin, touch) => {
      const id = ORIGIN_CLIENTS[origin];
      return client.open({ audience: id, client: client.clientOf(id), fetch: counting(realm.fetch, touch) });
    });
    for (const route of PROXIED) {
      const [answer, { code }] = await send(route, { "x-edge-authorization": `Bearer ${tokens.edge}` });
      assert.notEqual(code, "NOT_FROM_EDGE", "the edge passes, or the attacks prove nothing");
      assert.notEqual(answer.status, 404);
    }
  });
  after(() => origins.close());

  for (const route of PROXIED) {
    for (const [attack, headers] of Object.entries(ATTACKS)) {
      it(`${route.method} ${route.path} at ${route.upstream} ${attack} is refused`, async () => {
        const before = origins.touched();
        const [answer, problem] = await send(route, headers(tokens));
        assert.equal(answer.status, 401);
        assert.equal(problem.code, "NOT_FROM_EDGE");
        assert.equal(answer.headers.get("www-authenticate"), 'Bearer realm="edge"');
        assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
        assert.equal(origins.touched(), before, "no store was asked");
      });
    }
  }

  for (const upstream of ["auth", "registration", "statistics", "notification"] as const) {
    it(`to find out which paths ${upstream} has is refused`, async () => {
      for (const path of ["/", "/tidak-ada", "/admin", "/metrics", "/../readyz"]) {
        const answer = await fetch(origins.url(upstream) + path);
        assert.equal((await answer.json()).code, "NOT_FROM_EDGE", path);
      }
    });
  }

  async function send(
    route: typeof PROXIED[number],
    headers: Record<string, string>,
  ): Promise<[Response, { code?: string }]> {
    const path = route.path.replace(":id", crypto.randomUUID()).replace(":kode", "32");
    const user = route.path.startsWith("/penduduk") && route.method !== "DELETE"
      ? tokens.petugas
      : tokens.admin;
    const answer = await fetch(origins.url(route.upstream) + path, {
      method: route.method,
      headers: { authorization: `Bearer ${user}`, "content-type": "application/json", ...headers },
      body: route.method === "POST" ? JSON.stringify(PENDUDUK[0]) : null,
    });
    const text = await answer.text();
    return [answer, text === "" ? {} : JSON.parse(text)];
  }
});

/** What is sent besides a good token of an officer or an admin. */
const ATTACKS: Readonly<Record<string, (tokens: Tokens) => Record<string, string>>> = {
  "with nothing but a user's token": () => ({}),
  "in the words of the edge and its proxies": () => ({
    "x-forwarded-for": "10.0.0.1",
    "x-forwarded-host": "layanan.kependudukan.example",
    forwarded: "for=10.0.0.1;by=edge",
    "x-real-ip": "10.0.0.1",
    "x-user-id": "admin",
    "x-user-roles": "admin",
    "x-edge": "yes",
    via: "1.1 edge",
  }),
  "with a user's token for the edge's": ({ admin }) => bearer(admin),
  "with another service's token for the edge's": ({ service }) => bearer(service),
  "with the edge's claims under a stranger's key": ({ edge }) => bearer(token(claimsOf(edge), {}, STRANGER)),
  "with the edge's claims and no algorithm": ({ edge }) =>
    bearer(`${encode({ alg: "none", typ: "JWT" })}.${parts(edge)[1]}.`),
  "with the edge's token cut short": ({ edge }) => bearer(edge.slice(0, -2)),
  "with the edge's token for the user's": ({ edge }) => ({ authorization: `Bearer ${edge}` }),
  "with the edge's token under another scheme": ({ edge }) => ({ "x-edge-authorization": `Basic ${edge}` }),
  "with the edge's token twice": ({ edge }) => ({ "x-edge-authorization": `Bearer ${edge}, Bearer ${edge}` }),
};

const bearer = (token: string) => ({ "x-edge-authorization": `Bearer ${token}` });
const claimsOf = (compact: string) =>
  JSON.parse(atob(parts(compact)[1].replaceAll("-", "+").replaceAll("_", "/")));

/** Tells of each request for a user's tokens or the end of them; keys and introspection are the check itself. */
function counting(fetch: Fetch, touch: () => void): Fetch {
  return (request) => {
    if (/\/(token|logout)$/.test(new URL(request.url).pathname)) touch();
    return fetch(request);
  };
}

const ORIGIN_CLIENTS = {
  auth: "auth-service",
  registration: "pendaftaran-service",
  statistics: "statistik-service",
  notification: "notifikasi-service",
} as const satisfies Record<Upstream, keyof typeof CLIENTS>;

interface Tokens {
  readonly edge: string;
  readonly admin: string;
  readonly petugas: string;
  /** Of the client for bulk loads. */
  readonly service: string;
}
