import { z } from "zod";
import { SYNTHETIC_PROBE } from "../../shared/penduduk/synthetic.ts";
import { type BackoffLimits, backoffMs, sleep } from "../../shared/resilience/backoff.ts";
import { StepFailed, type Way } from "./probe.ts";

/** The way through the public edge, as the account of the client `probe`, whose role reaches synthetic people alone. */
export function edgeWay({ url, token, fetch = globalThis.fetch, pause = PAUSE }: EdgeWayOptions): Way {
  async function ask<T>(path: string, accepted: Accepted<T>, init: Ask): Promise<T> {
    const bearer = await token(init.signal);
    if (bearer === undefined) throw new StepFailed("NO_TOKEN");
    const { status, body } = await exchange(fetch, url + path, bearer, init);
    const read = accepted(status, body);
    if (read === undefined) throw new StepFailed(codeOf(status, body));
    return read.value;
  }
  const lastCounted = (signal: AbortSignal) =>
    ask(`/stats/${PROVINCE}`, answer(200, Counted, ({ asOf }) => asOf), { signal });

  return {
    lastCounted,
    leftBehind: (signal) =>
      ask(OWN, answer(200, Own, ({ entries }) => entries.map(({ id }) => id)), { signal }),
    register: (signal) =>
      ask("/penduduk", answer(201, Person, ({ id }) => id), {
        method: "POST",
        body: SYNTHETIC_PROBE,
        signal,
      }),
    read: (id, signal) => ask(`/penduduk/${id}`, answer(200, Person, () => undefined), { signal }),
    takeBack: (id, signal) => ask(`/penduduk/${id}`, gone, { method: "DELETE", signal }),
    async countedSince(before, signal) {
      for (let attempt = 0;; attempt++) {
        const counted = await lastCounted(signal);
        if (counted !== before) return counted;
        await sleep(backoffMs(attempt, pause), signal);
        if (signal.aborted) throw new StepFailed("NOT_COUNTED");
      }
    },
  };
}

export interface EdgeWayOptions {
  /** Of the edge, without a slash at the end. */
  readonly url: string;
  /** Undefined while the identity provider is away. */
  readonly token: (signal: AbortSignal) => Promise<string | undefined>;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Between two looks at the statistics. */
  readonly pause?: BackoffLimits;
}

async function exchange(
  fetch: NonNullable<EdgeWayOptions["fetch"]>,
  url: string,
  bearer: string,
  { method = "GET", body, signal }: Ask,
): Promise<{ readonly status: number; readonly body: unknown }> {
  try {
    const answer = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        // Deno may send a request again whose connection broke: by the key that is the same registration.
        ...(body && { "content-type": "application/json", "idempotency-key": crypto.randomUUID() }),
      },
      ...(body && { body: JSON.stringify(body) }),
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]),
    });
    return { status: answer.status, body: parsed(await answer.text()) };
  } catch (error) {
    throw new StepFailed(error instanceof DOMException ? "TIMEOUT" : "CONNECTION");
  }
}

/** Answers undefined for what was not wanted. */
type Accepted<T> = (status: number, body: unknown) => { readonly value: T } | undefined;

function answer<S extends z.ZodType, T>(
  status: number,
  schema: S,
  pick: (data: z.output<S>) => T,
): Accepted<T> {
  return (answered, body) => {
    const read = answered === status ? schema.safeParse(body) : undefined;
    return read?.success ? { value: pick(read.data) } : undefined;
  };
}

/** When the answer to an earlier one was lost, this one finds nobody. */
const gone: Accepted<void> = (status) => status === 204 || status === 404 ? { value: undefined } : undefined;

/** Codes of problems are of a closed list, and so may stand in metrics. */
function codeOf(status: number, body: unknown): string {
  return ProblemCode.safeParse(body).data?.code ?? `HTTP_${status}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

interface Ask {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly body?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const Person = z.object({ id: z.uuid() });
const Own = z.object({ entries: z.array(z.object({ id: z.uuid() })) });
const Counted = z.object({ asOf: z.string().nullable() });
const ProblemCode = z.object({ code: z.string().regex(/^[A-Z_]{1,40}$/) });

/** Of the synthetic person. */
const PROVINCE = "31";
const OWN = "/penduduk/milik-saya?since=2020-01-01T00:00:00Z";
const REQUEST_MS = 10_000;
const PAUSE = { baseMs: 200, capMs: 2_000 };
