import { getLogger } from "@logtape/logtape";
import { backoffMs, sleep } from "../../resilience/backoff.ts";
import { RetryBudget } from "../../resilience/retry_budget.ts";
import { untilAborted } from "../../resilience/until_aborted.ts";
import { type Secret, toSecret } from "../../security/secret.ts";
import { activeTrace, fail, inSpan, outside, SpanKind } from "../../telemetry/span.ts";
import { traceparent } from "../../telemetry/trace.ts";

/** One way to the provider's endpoints: every call has a deadline, and no failure is an exception. */
export function createProvider({ realmUrl, client, fetch, timeoutMs }: ProviderOptions): Provider {
  const secret = toSecret(client.secret);
  const budget = new RetryBudget();
  const host = new URL(realmUrl).hostname;
  let away = false;

  /** Again with another secret while the provider refuses ours: it or we may not know of a change yet. */
  async function exchange(endpoint: Endpoint, form: Form | undefined, signal: AbortSignal): Promise<Answer> {
    if (!form) return await requestAgain(endpoint, undefined, signal);
    let answer: Answer | undefined;
    for await (const value of secret.candidates(signal)) {
      answer = await requestAgain(endpoint, { form, secret: value }, signal);
      if (!isRefused(answer)) break;
    }
    signal.throwIfAborted();
    return answer ?? NO_ANSWER;
  }

  /**
   * A second time when the connection failed, but only where asking twice is as good as once, and has no pace of its
   * own: a refresh token is good once, keys have their cool-down.
   */
  async function requestAgain(
    endpoint: Endpoint,
    post: Post | undefined,
    signal: AbortSignal,
  ): Promise<Answer> {
    budget.earn();
    try {
      return await request(endpoint, post, signal);
    } catch (error) {
      const repeatable = endpoint === "introspect" && error instanceof TypeError && !signal.aborted;
      if (!repeatable || !budget.spend()) throw error;
    }
    await sleep(backoffMs(0, { baseMs: AGAIN_MS }), signal);
    signal.throwIfAborted();
    return await request(endpoint, post, signal);
  }

  async function request(endpoint: Endpoint, post: Post | undefined, signal: AbortSignal): Promise<Answer> {
    const method = post ? "POST" : "GET";
    const attributes = { "http.request.method": method, "server.address": host, "peer.service": "keycloak" };
    return await inSpan(
      "auth",
      `${method} ${endpoint}`,
      { kind: SpanKind.CLIENT, attributes },
      async (span) => {
        const answer = await exchangeOnce(endpoint, post, signal);
        span?.setAttribute("http.response.status_code", answer.status);
        if (answer.status >= 400) fail(span, String(answer.status));
        return answer;
      },
    );
  }

  async function exchangeOnce(
    endpoint: Endpoint,
    post: Post | undefined,
    signal: AbortSignal,
  ): Promise<Answer> {
    const trace = activeTrace();
    const request = new Request(`${realmUrl}/${PATHS[endpoint]}`, {
      method: post ? "POST" : "GET",
      headers: {
        accept: "application/json",
        ...(trace && { traceparent: traceparent(trace) }),
        ...(post && { authorization: basicAuthorization({ id: client.id, secret: post.secret }) }),
      },
      body: post ? new URLSearchParams(post.form) : null,
      redirect: "manual",
      signal,
    });
    const response = await outside(() => fetch(request));
    const text = await response.text();
    return { status: response.status, body: parseJson(endpoint, response.status, text) };
  }

  return {
    async ask(endpoint, read, { form, signal } = {}) {
      if (signal?.aborted) return undefined;
      const deadline = AbortSignal.timeout(timeoutMs);
      const either = signal ? AbortSignal.any([deadline, signal]) : deadline;
      try {
        // An in-process provider does not listen to the request's signal, so the wait itself must end.
        const answer = await untilAborted(exchange(endpoint, form, either), either);
        const known = await read(answer);
        if (known === undefined) throw new Error(`Endpoint "${endpoint}" answered ${describe(answer)}`);
        if (away) log.info("Identity provider {url} answers as it should again", { url: realmUrl });
        away = false;
        return known;
      } catch (error) {
        if (signal?.aborted) return undefined;
        // Once per outage: under load there are thousands of these a second.
        if (!away) {
          log.error("Identity provider {url} does not answer as it should {error}", {
            url: realmUrl,
            error: message(error),
          });
        }
        away = true;
        return undefined;
      }
    },
  };
}

const PATHS = {
  discovery: ".well-known/openid-configuration",
  certs: "protocol/openid-connect/certs",
  token: "protocol/openid-connect/token",
  introspect: "protocol/openid-connect/token/introspect",
  logout: "protocol/openid-connect/logout",
} as const;

const AGAIN_MS = 200;

/** RFC 6749, section 2.3.1: both parts are form-encoded before they are joined. */
export function basicAuthorization({ id, secret }: { readonly id: string; readonly secret: string }): string {
  return `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`;
}

function parseJson(endpoint: Endpoint, status: number, text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and that may be the beginning of a token.
    throw new Error(`Endpoint "${endpoint}" answered ${status} with something other than JSON`);
  }
}

/** The status and OAuth's error code, never the description: it may name the user. */
function describe({ status, body }: Answer): string {
  const code = oauthError(body);
  return code === undefined ? `${status}` : `${status} "${code}"`;
}

/** Our own client is; both words are used: RFC 6749, section 5.2, and Keycloak for a wrong secret. */
function isRefused({ body }: Answer): boolean {
  const code = oauthError(body);
  return code === "invalid_client" || code === "unauthorized_client";
}

/** The `error` of RFC 6749, section 5.2. */
export function oauthError(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null || !("error" in body)) return undefined;
  return typeof body.error === "string" ? body.error : undefined;
}

const message = (error: unknown) =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

const log = getLogger(["kependudukan", "identity"]);

export interface Provider {
  /**
   * Undefined when the provider is away, too slow, refuses our own client, or `read` does not know its answer.
   * `read` answers undefined for what it does not know.
   */
  ask<T>(
    endpoint: Endpoint,
    read: (answer: Answer) => T | undefined | Promise<T | undefined>,
    options?: { readonly form?: Form; readonly signal?: AbortSignal },
  ): Promise<T | undefined>;
}

export interface Answer {
  readonly status: number;
  /** Undefined when there is none. */
  readonly body: unknown;
}

export interface ProviderOptions {
  /** Before the endpoints' paths. */
  readonly realmUrl: string;
  readonly client: ClientCredentials;
  readonly fetch: Fetch;
  readonly timeoutMs: number;
}

export interface ClientCredentials {
  readonly id: string;
  readonly secret: Secret | string;
}

interface Post {
  readonly form: Form;
  readonly secret: string;
}

const NO_ANSWER: Answer = { status: 0, body: undefined };

/** The global `fetch`, or the `app.fetch` of a provider in the same process. */
export type Fetch = (request: Request) => Response | Promise<Response>;

type Endpoint = keyof typeof PATHS;
type Form = Record<string, string>;
