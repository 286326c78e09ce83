import { Redis } from "@upstash/redis/cloudflare";
import { type Secret, toSecret } from "../../security/secret.ts";
import { type Explanation, firstContact, type RemoteStore } from "./first_contact.ts";

/**
 * Logs of the limiter in an Upstash Redis, over its REST interface: Web standards only, so that it runs on Deno Deploy
 * (hence the package's entry for Workers, which touches neither `process` nor sockets). Resolves as well while that is
 * away, see `firstContact`.
 */
export async function openUpstashStore(url: string, token: Secret | string): Promise<RemoteStore> {
  const secret = toSecret(token);
  let client = createClient(url, secret.value());
  const store: RemoteStore = {
    async eval(script, keys, args) {
      const now = secret.value();
      if (now !== client.token) client = createClient(url, now);
      return await client.script(script).exec(keys, args.map(String));
    },
    check: (signal) => ping(url, secret.value(), signal),
    close() {},
  };
  await firstContact({ variable: "UPSTASH_REDIS_REST_URL", check: store.check, explain });
  return store;
}

/** The package keeps its token for good. */
function createClient(url: string, token: string) {
  const redis = new Redis({
    url,
    token,
    // `retry: false` tries twice; the limiter has a fallback that is faster than a second try.
    retry: { retries: 0, backoff: () => 0 },
    // The limiter itself waits less; this only ends what it has given up.
    signal: () => AbortSignal.timeout(REQUEST_MS),
    responseEncoding: false,
    automaticDeserialization: false,
    // Requests that come at once travel together, at a quarter of the CPU.
    enableAutoPipelining: true,
    enableTelemetry: false,
    readYourWrites: false,
  });
  const scripts = new Map<string, ReturnType<typeof redis.createScript<unknown>>>();
  return {
    token,
    script(text: string) {
      const known = scripts.get(text) ?? redis.createScript<unknown>(text);
      scripts.set(text, known);
      return known;
    },
  };
}

/** Asks without the package, whose errors do not tell a refused token from a gateway's page. */
async function ping(url: string, token: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: '["PING"]',
    redirect: "manual",
    signal,
  });
  const body = await response.text();
  if (!/^\s*\{\s*"result"\s*:\s*"PONG"\s*\}\s*$/.test(body)) throw new NoPong(response.status);
}

class NoPong extends Error {
  override readonly name = "NoPong";
  constructor(readonly status: number) {
    super(`Ping the store failed with status "${status}"`);
  }
}

function explain(error: unknown): Explanation {
  if (error instanceof NoPong) {
    const { status } = error;
    if (status === 401 || status === 403) {
      return { useless: "UPSTASH_REDIS_REST_TOKEN", reason: "is refused by the server" };
    }
    if (status >= 500 || status === 429) return { reason: `it answers with status ${status}` };
    return {
      useless: "UPSTASH_REDIS_REST_URL",
      reason: "names a server that does not answer as Upstash's REST does",
    };
  }
  if (error instanceof TypeError && /certificate/i.test(error.message)) {
    return { useless: "UPSTASH_REDIS_REST_URL", reason: "names a server whose certificate is not trusted" };
  }
  return { reason: "no answer" };
}

const REQUEST_MS = 1_000;
