import type { ProblemBody } from "../../../shared/http/problem.ts";
import { accessToken, renew } from "../session/session.ts";

/** Asks the edge. What came of it is a value: whoever asks shows it. */
export async function ask<T>(path: string, question: Question = {}): Promise<Outcome<T>> {
  try {
    const token = await accessToken();
    if (token === undefined) return { kind: "expired" };
    let answer = await send(path, question, token);
    if (answer.status === 401) {
      // Taken back before its time, or by a clock that is not ours.
      const renewed = await renew();
      if (renewed === undefined) return { kind: "expired" };
      answer = await send(path, question, renewed);
    }
    return await read<T>(answer);
  } catch (error) {
    if (question.signal?.aborted) return { kind: "offline" };
    // A failed connection, a deadline; anything else is a defect of ours.
    if (error instanceof TypeError || error instanceof DOMException) return { kind: "offline" };
    throw error;
  }
}

export interface Question {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  /** Makes a repetition safe. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

export type Outcome<T> = { readonly kind: "ok"; readonly body: T } | Failure;

/** `offline`: no answer came, so that nobody knows whether the question arrived. */
export type Failure =
  | {
    readonly kind: "problem";
    readonly problem: ProblemBody;
    readonly retryAfterSeconds: number | undefined;
  }
  | { readonly kind: "offline" }
  | { readonly kind: "expired" }
  | { readonly kind: "unreadable"; readonly status: number };

function send(path: string, question: Question, token: string): Promise<Response> {
  const { method = "GET", body, idempotencyKey, signal } = question;
  const headers = new Headers({ authorization: `Bearer ${token}` });
  if (idempotencyKey !== undefined) headers.set("idempotency-key", idempotencyKey);
  if (body !== undefined) headers.set("content-type", "application/json");
  return fetch(path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.any([AbortSignal.timeout(DEADLINE_MS), ...(signal ? [signal] : [])]),
  });
}

/** Trusts the shape of a success: page and edge are built from the same schemas. */
async function read<T>(answer: Response): Promise<Outcome<T>> {
  // A 204 has no body.
  if (answer.ok) return { kind: "ok", body: JSON.parse(await answer.text() || "null") };
  return await readFailure(answer);
}

export async function readFailure(answer: Response): Promise<Failure> {
  const isProblem = answer.headers.get("content-type")?.startsWith("application/problem+json");
  if (!isProblem) return { kind: "unreadable", status: answer.status };
  const seconds = Number(answer.headers.get("retry-after") ?? NaN);
  return {
    kind: "problem",
    problem: await answer.json(),
    retryAfterSeconds: Number.isFinite(seconds) ? seconds : undefined,
  };
}

/** Longer than the edge takes to give up on its origin. */
const DEADLINE_MS = 20_000;
