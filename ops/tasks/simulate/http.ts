/** Sends one request and reads its whole answer; a lost one is a value, since the caller decides about a retry. */
export async function send(url: string, init: RequestInit, world: HttpWorld): Promise<Answer> {
  const { fetch, now, deadlineMs = 10_000 } = world;
  const started = now();
  try {
    const response = await fetch(url, {
      ...init,
      redirect: "manual",
      signal: AbortSignal.timeout(deadlineMs),
    });
    const text = await response.text();
    return {
      kind: "answered",
      status: response.status,
      body: toJson(text),
      retryAfterMs: toMilliseconds(response.headers.get("retry-after")),
      ms: now() - started,
    };
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError") {
      return { kind: "lost", code: "TIMEOUT" };
    }
    // What fetch rejects with for every failure of the network (Fetch standard, "network error").
    if (error instanceof TypeError) return { kind: "lost", code: "CONNECTION" };
    throw error;
  }
}

/** `undefined` for what is not JSON, such as the error page of a proxy. */
function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Retry-After in seconds, the form that the edge sends (RFC 9110 section 10.2.3). */
function toMilliseconds(retryAfter: string | null): number {
  return retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1000 : 0;
}

export type Answer =
  | {
    readonly kind: "answered";
    readonly status: number;
    /** The parsed JSON. */
    readonly body: unknown;
    /** 0 when the answer names no wait. */
    readonly retryAfterMs: number;
    readonly ms: number;
  }
  /** Nobody knows whether the request was carried out. */
  | { readonly kind: "lost"; readonly code: "TIMEOUT" | "CONNECTION" };

export interface HttpWorld {
  readonly fetch: typeof fetch;
  /** Milliseconds from any origin. */
  readonly now: () => number;
  readonly deadlineMs?: number;
}
