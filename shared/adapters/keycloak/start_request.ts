import { Unusable } from "../../resilience/reach.ts";
import { type Answer, basicAuthorization, type Fetch } from "./provider.ts";

/**
 * A way to ask a realm at the start, when an outage is an exception that tells why: rejects with `Unusable` when no
 * wait will mend it, else with what `explainNoAnswer` explains.
 */
export function askRealm({ issuer, clientId, fetch, signal }: AskOptions): AskRealm {
  return async (path, form, secret = "") => {
    const request = new Request(`${issuer}/${path}`, {
      method: form ? "POST" : "GET",
      headers: form ? { authorization: basicAuthorization({ id: clientId, secret }) } : {},
      body: form ? new URLSearchParams(form) : null,
      redirect: "manual",
      signal,
    });
    const response = await Promise.resolve(fetch(request)).catch((error) => {
      throw hopeless(error) ?? error;
    });
    const text = await response.text();
    if (response.status >= 500 || response.status === 429) throw new Away(`it answers ${response.status}`);
    return { status: response.status, body: parseJson(text) };
  };
}

export function explainNoAnswer(error: unknown): string {
  if (error instanceof Away) return error.message;
  if (error instanceof Error && error.name === "TimeoutError") return "no answer in time";
  return PASSING.find(([pattern]) => pattern.test(wordsOf(error)))?.[1] ?? "no connection";
}

function hopeless(error: unknown): Unusable | undefined {
  const found = HOPELESS.find(([pattern]) => pattern.test(wordsOf(error)));
  return found && new Unusable("KEYCLOAK_URL", `names a server that ${found[1]}`, { cause: error });
}

/** The reason stands in the cause. It quotes the URL, so that it may be searched and not shown. */
function wordsOf(error: unknown): string {
  return error instanceof TypeError && error.cause instanceof Error ? error.cause.message : "";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // A web page: the status tells enough.
  }
}

/** The server says that it cannot answer now. */
class Away extends Error {}

/** What no wait will mend, by the words of Deno's `fetch`, which has no codes. */
const HOPELESS: readonly (readonly [RegExp, string])[] = [
  [/invalid peer certificate/, "shows a certificate that is not trusted"],
  [/InvalidContentType/, "does not speak TLS: begin with http://"],
  [/invalid HTTP version/, "does not speak HTTP, or only under https://"],
];

const PASSING: readonly (readonly [RegExp, string])[] = [
  [/Connection refused/, "connection refused"],
  [/dns error/, "its name is not known"],
  [/connection closed|tls handshake eof|reset by peer/, "it closes the connection"],
];

/** With a form, the client asks under `secret`. */
export type AskRealm = (
  path: string,
  form?: Readonly<Record<string, string>>,
  secret?: string,
) => Promise<Answer>;

interface AskOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
}
