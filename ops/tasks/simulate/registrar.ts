import { backoffMs } from "../../../shared/resilience/backoff.ts";
import { type EdgeClient, problemCode } from "./edge_client.ts";
import type { Answer } from "./http.ts";
import type { Resident } from "./residents.ts";

/**
 * Registers one resident, through crashes and overload, for at most two minutes. Every try carries the same
 * Idempotency-Key, so that a try whose answer was lost is repeated and not doubled.
 */
export async function register(
  resident: Resident,
  edge: EdgeClient,
  world: RegistrarWorld,
): Promise<Outcome> {
  const { now, sleep, stop, onAnswer, onRetry } = world;
  const deadline = now() + PATIENCE_MS;
  const init = {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": crypto.randomUUID() },
    body: JSON.stringify(resident.body),
  };
  let maybeStored = false;
  for (let attempt = 0, unauthenticated = 0;; attempt++) {
    const answer = await edge.request("/penduduk", init);
    if (answer.kind === "answered") onAnswer(answer.ms);
    const code = problemCode(answer);
    if (answer.kind === "lost" || answer.status >= 500) maybeStored = true;
    else if (answer.status === 201) return { kind: "registered" };
    else if (code === "NIK_REGISTERED") return { kind: "conflict", maybeStored };
    else if (answer.status === 401) unauthenticated++;

    if (!isTransient(answer, code) || unauthenticated > 2) {
      return { kind: "failed", code, maybeStored, gaveUp: false };
    }
    const waitMs = (answer.kind === "answered" ? answer.retryAfterMs : 0) +
      backoffMs(attempt, { capMs: 5000 }, world.random);
    if (now() + waitMs > deadline) return { kind: "failed", code, maybeStored, gaveUp: true };
    onRetry(code);
    await sleep(waitMs, stop);
    if (stop.aborted) return { kind: "stopped", maybeStored };
  }
}

/** Longer than a fleet takes to start again. */
const PATIENCE_MS = 120_000;

function isTransient(answer: Answer, code: string): boolean {
  if (answer.kind === "lost") return true;
  return [401, 429, 502, 503, 504].includes(answer.status) || code === "IDEMPOTENCY_IN_FLIGHT";
}

/** `maybeStored`: an earlier try got no answer, or one that leaves open whether the resident was stored. */
export type Outcome =
  | { readonly kind: "registered" }
  /** The NIK is in the registry: by that earlier try or, without one, from before. */
  | { readonly kind: "conflict"; readonly maybeStored: boolean }
  /** `gaveUp`: still retryable, but the patience is over. */
  | {
    readonly kind: "failed";
    readonly code: string;
    readonly maybeStored: boolean;
    readonly gaveUp: boolean;
  }
  | { readonly kind: "stopped"; readonly maybeStored: boolean };

export interface RegistrarWorld {
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
  /** Ends the waiting between tries; a request under way is finished. */
  readonly stop: AbortSignal;
  readonly onAnswer: (ms: number) => void;
  readonly onRetry: (code: string) => void;
}
