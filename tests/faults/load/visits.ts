import type { EdgeClient } from "../../../ops/tasks/simulate/edge_client.ts";
import { sleep } from "../../../shared/resilience/backoff.ts";
import { merge, Recorder, type Span } from "./recorder.ts";

/**
 * Somebody who looks, again and again, at what the origins that take no registrations serve, so that it is felt when
 * they break.
 */
export class Visits {
  readonly #recorders = PATHS.map((path) => [path, new Recorder()] as const);

  /** Until the signal aborts and each path's last answer is there. */
  async run(edge: Pick<EdgeClient, "request">, stop: AbortSignal): Promise<void> {
    await Promise.all(this.#recorders.map(async ([path, recorder]) => {
      while (!stop.aborted) {
        recorder.answered(await edge.request(path));
        await sleep(EVERY_MS, stop);
      }
    }));
  }

  healed(): void {
    for (const [, recorder] of this.#recorders) recorder.healed();
  }

  /** Milliseconds for which all answers were good on every path. */
  get calmMs(): number {
    return Math.min(...this.#recorders.map(([, recorder]) => recorder.calmMs));
  }

  get bare(): ReadonlyMap<string, number> {
    return new Map(
      this.#recorders.flatMap(([path, { bare }]) =>
        [...bare].map(([code, count]) => [`${code} to ${path}`, count])
      ),
    );
  }

  get requests(): number {
    return this.#recorders.reduce((sum, [, { requests }]) => sum + requests, 0);
  }

  /** The worst of all paths since the last call; errors begin with their path. */
  span(): Span {
    return merge(this.#recorders.map(([path, recorder]) => {
      const span = recorder.span();
      const errors = [...span.errors].map(([code, count]) => [`${path} ${code}`, count] as const);
      return { ...span, errors: new Map(errors) };
    }));
  }
}

/** Of auth, statistics and notification. */
const PATHS = ["/protected", "/stats", "/sms"];
const EVERY_MS = 400;
