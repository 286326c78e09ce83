import { z } from "zod";
import { type EdgeClient, problemCode } from "../../../ops/tasks/simulate/edge_client.ts";
import type { Answer } from "../../../ops/tasks/simulate/http.ts";
import type { Resident } from "../../../ops/tasks/simulate/residents.ts";
import { backoffMs } from "../../../shared/resilience/backoff.ts";

/**
 * Registers one resident as a sane client does: waits as long as it is told and a little more, tries again what may yet
 * succeed, and keeps its Idempotency-Key, if it uses one. Who asks twice does so after the 201 as well, as one that
 * never saw it.
 */
export async function register(resident: Resident, client: Client, world: ClientWorld): Promise<Person> {
  const { now, sleep, stop } = world;
  const deadline = now() + (world.patienceMs ?? PATIENCE_MS);
  const key = client.keyed ? { "idempotency-key": crypto.randomUUID() } : {};
  const ids = new Set<string>();
  const person = (fate: Fate): Person => ({ kode: resident.kode, keyed: client.keyed, ids: [...ids], fate });
  let maybeStored = false;
  let wanted = client.asksTwice ? 2 : 1;
  for (let attempt = 0;; attempt++) {
    const answer = await client.edge.request("/penduduk", {
      method: "POST",
      headers: { "content-type": "application/json", ...key },
      // A stream, since `fetch` sends a buffered body twice on its own when a kept connection breaks
      // (denoland/deno#35610), and the answer to the second would be taken for that to the first.
      body: new Blob([JSON.stringify(resident.body)]).stream(),
    });
    world.onAnswer(answer);
    const code = problemCode(answer);
    if (answer.kind === "answered" && answer.status === 201) {
      ids.add(Created.parse(answer.body).id);
      if (--wanted === 0) return person({ kind: "registered" });
      continue;
    }
    if (isUncertain(answer)) maybeStored = true;
    // Without a key, that is the answer to somebody who was registered by a try whose answer was lost.
    else if (code === "NIK_REGISTERED" && maybeStored && !client.keyed) return person({ kind: "known" });
    else if (!isTransient(answer, code)) return person({ kind: "wrong", code, maybeStored });

    const waitMs = (answer.kind === "answered" ? answer.retryAfterMs : 0) + backoffMs(attempt, BACKOFF);
    if (now() + waitMs > deadline || stop.aborted) return person({ kind: "unknown", code });
    await sleep(waitMs, stop);
  }
}

/** No answer, or one that leaves open whether the resident was stored. */
function isUncertain(answer: Answer): boolean {
  return answer.kind === "lost" || answer.status >= 500;
}

function isTransient(answer: Answer, code: string): boolean {
  return answer.kind === "lost" || [401, 429].includes(answer.status) || code === "IDEMPOTENCY_IN_FLIGHT";
}

const Created = z.object({ id: z.uuid() });

const BACKOFF = { baseMs: 100, capMs: 3_000 };
/** Longer than the longest fault and the start after it. */
const PATIENCE_MS = 180_000;

export interface Client {
  readonly edge: Pick<EdgeClient, "request">;
  /** Uses an Idempotency-Key. */
  readonly keyed: boolean;
  /** Repeats the request after the 201; only with a key. */
  readonly asksTwice: boolean;
}

export interface ClientWorld {
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Ends the waiting between tries. */
  readonly stop: AbortSignal;
  readonly onAnswer: (answer: Answer) => void;
  readonly patienceMs?: number;
}

/** What the client knows of the resident when it stops asking. */
export interface Person {
  readonly kode: string;
  readonly keyed: boolean;
  /** All that a 201 named; more than one is a doubled registration. */
  readonly ids: readonly string[];
  readonly fate: Fate;
}

export type Fate =
  | { readonly kind: "registered" }
  /** The registry has the resident, by a try whose answer was lost. */
  | { readonly kind: "known" }
  /** Ran out of patience. */
  | { readonly kind: "unknown"; readonly code: string }
  /** An answer that a valid request must never get. */
  | { readonly kind: "wrong"; readonly code: string; readonly maybeStored: boolean };
