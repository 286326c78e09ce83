import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createBridge } from "../../ops/stack/upstash_bridge/bridge.ts";
import { EmbeddedRateLimitStore } from "../../shared/adapters/embedded/rate_limit_store.ts";
import { freePort } from "../e2e/process.ts";

/** All that a deployed edge talks to, on ports of this machine: origins, an issuer of tokens, Upstash's REST. */
export async function openEdgeWorld(limits: Readonly<Record<string, string>>): Promise<EdgeWorld> {
  const issuer = await openIssuer();
  const seen: Asked[] = [];
  const origin = serve((request) => {
    seen.push({ path: new URL(request.url).pathname, headers: new Headers(request.headers) });
    return answer(request, issuer.sign);
  });
  const upstash = serve(createBridge({ token: TOKEN, run: redis(new EmbeddedRateLimitStore()) }));
  return {
    sign: issuer.sign,
    seen: (path) => seen.filter((asked) => asked.path === path),
    variables: {
      KEYCLOAK_URL: issuer.url,
      AUDIT_SINKS: "stdout",
      GOV_GATEWAY_SECRET: GATEWAY_SECRET,
      UPSTASH_REDIS_REST_URL: upstash.url,
      UPSTASH_REDIS_REST_TOKEN: TOKEN,
      AUTH_URL: origin.url,
      REGISTRATION_URL: origin.url,
      STATISTICS_URL: origin.url,
      NOTIFICATION_URL: `http://127.0.0.1:${await freePort()}`, // where nobody listens
      ...limits,
    },
    stopUpstash: () => upstash.stop(),
    close: async () => void await Promise.all([issuer.stop(), origin.stop(), upstash.stop()]),
  };
}

export interface EdgeWorld {
  /** A token of somebody with that role. */
  sign(subject: string, role: string, changes?: Readonly<Record<string, unknown>>): Promise<string>;
  /** What the origins were asked. */
  seen(path: string): readonly Asked[];
  /** They lead an edge here. */
  readonly variables: Readonly<Record<string, string>>;
  stopUpstash(): Promise<void>;
  close(): Promise<void>;
}

interface Asked {
  readonly path: string;
  readonly headers: Headers;
}

const TOKEN = "upstash-token-percobaan";
const GATEWAY_SECRET = "rahasia-gerbang-percobaan";
const REALM = "/realms/gov-realm";

async function openIssuer() {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const keys = [{ ...await exportJWK(publicKey), kid: "k1", alg: "ES256", use: "sig" }];
  const server = serve(async (request) => {
    switch (new URL(request.url).pathname) {
      case `${REALM}/protocol/openid-connect/certs`:
        return Response.json({ keys });
      case `${REALM}/protocol/openid-connect/token`:
        if (request.headers.get("authorization") !== `Basic ${btoa(`gateway:${GATEWAY_SECRET}`)}`) {
          return Response.json({ error: "unauthorized_client" }, { status: 401 });
        }
        return Response.json({
          access_token: await sign("service-account-gateway", "", { azp: "gateway" }),
          expires_in: 300,
          token_type: "Bearer",
        });
      default:
        return new Response(null, { status: 404 });
    }
  });
  const sign: EdgeWorld["sign"] = (subject, role, changes = {}) =>
    new SignJWT({
      iss: `${server.url}${REALM}`,
      aud: ["gateway", "pendaftaran-service"],
      azp: "portal",
      typ: "Bearer",
      sub: subject,
      realm_access: { roles: [role] },
      ...changes,
    }).setProtectedHeader({ alg: "ES256", kid: "k1", typ: "JWT" }).setIssuedAt().setExpirationTime("5m").sign(
      privateKey,
    );
  return { ...server, sign };
}

async function answer(request: Request, sign: EdgeWorld["sign"]): Promise<Response> {
  const { pathname } = new URL(request.url);
  switch (pathname) {
    case "/login": {
      const { username } = await request.json();
      return Response.json({ access_token: await sign(username, "petugas") });
    }
    case "/penduduk": {
      const headers = { location: "/penduduk/1", "x-origin": "yes", connection: "close" };
      return Response.json(await request.json(), { status: 201, headers });
    }
    case "/stats":
      return new Response(null, { status: 302, headers: { location: "http://elsewhere.invalid/" } });
    case "/stats/32":
      return await new Promise<Response>(() => {}); // for ever
    case "/stats/stream":
      return new Response(neverEnding(), { headers: { "content-type": "text/event-stream" } });
    default:
      return Response.json({ message: "Akses diotorisasi" });
  }
}

function neverEnding(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
  });
}

/** As much of Redis as the limiter asks for; it holds no script, so that it must be sent each time. */
function redis(store: EmbeddedRateLimitStore) {
  return (command: readonly string[]): Promise<unknown> => {
    const [name = "", script = "", , key = "", ...args] = command;
    if (name === "PING") return Promise.resolve("PONG");
    if (name.toUpperCase() === "EVAL") return store.eval(script, [key], args.map(Number));
    return Promise.reject(Object.assign(new Error("NOSCRIPT No matching script"), { name: "ReplyError" }));
  };
}

function serve(handler: (request: Request) => Response | Promise<Response>) {
  const stopping = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal: stopping.signal, onListen() {} },
    handler,
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    stop: async () => {
      stopping.abort();
      await server.finished;
    },
  };
}
