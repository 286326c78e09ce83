import { z } from "zod";
import type { Resident } from "../../../ops/tasks/simulate/residents.ts";
import { sleep } from "../../../shared/resilience/backoff.ts";

/** So many people a second are sent to the edge, whether those before them were served or not. */
export async function registerAtRate(options: SteadyLoad): Promise<readonly Registered[]> {
  const { edge, tokens, people, perSecond, seconds, signal } = options;
  const open: Promise<Registered>[] = [];
  const begun = performance.now();
  for (let nth = 0; nth < perSecond * seconds; nth++) {
    // Who is due goes now: the timer's whole milliseconds must not slow the rate.
    const early = begun + nth * 1000 / perSecond - performance.now();
    if (early > 1) await sleep(early, signal);
    signal.throwIfAborted();
    open.push(register(edge, tokens[nth % tokens.length] ?? "", people.next().value, signal));
  }
  return await Promise.all(open);
}

export interface SteadyLoad {
  readonly edge: string;
  /** Of the officers who register in turn. */
  readonly tokens: readonly string[];
  readonly people: Iterator<Resident, never>;
  readonly perSecond: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

export interface Registered {
  /** Of the person; undefined when it was refused or failed. */
  readonly id: string | undefined;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  /** Until the answer. */
  readonly ms: number;
}

async function register(
  edge: string,
  token: string,
  { body }: Resident,
  signal: AbortSignal,
): Promise<Registered> {
  const sentAt = performance.timeOrigin + performance.now();
  const begun = performance.now();
  const answered = (id: string | undefined) => ({ id, sentAt, ms: performance.now() - begun });
  try {
    const response = await fetch(`${edge}/penduduk`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
    });
    const answer = await response.json();
    return answered(response.status === 201 ? Created.parse(answer).id : undefined);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TypeError || error instanceof DOMException) return answered(undefined);
    throw error;
  }
}

const Created = z.object({ id: z.uuid() });
