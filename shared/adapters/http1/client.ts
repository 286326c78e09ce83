import { Connection } from "./connection.ts";
import type { Http1Answer } from "./read_answer.ts";
import type { Http1Request } from "./request_bytes.ts";

/**
 * Sends requests to origins of our own by HTTP/1.1 over kept TCP connections: half the CPU of `fetch` for a GET, and a
 * third for a POST (tests/load/PROFILES.md). It sends no request twice (denoland/deno#35610), follows no redirect, and
 * takes no content coding.
 *
 * Rejects with a `TypeError`, as `fetch` does, when no whole answer comes, and with the signal's reason when that
 * aborts first. A connection that was idle for `keepIdleMs` is not used again.
 */
export function openHttp1Client({ keepIdleMs, now = () => performance.now() }: Http1Options): Http1Client {
  const idle = new Map<string, Resting[]>();

  return async function send(request) {
    const { origin, signal } = request;
    signal.throwIfAborted();
    const resting = idle.get(origin) ?? [];
    idle.set(origin, resting);
    const connection = lastOf(resting) ?? await Connection.open(origin, signal);
    const answer = await connection.exchange(request);
    if (!connection.isOver) resting.push({ connection, since: now() });
    closeOld(resting);
    return answer;
  };

  /** The last one used, so that those that are not needed grow old. */
  function lastOf(resting: Resting[]): Connection | undefined {
    closeOld(resting);
    for (let last = resting.pop(); last; last = resting.pop()) {
      if (!last.connection.isOver) return last.connection;
    }
  }

  function closeOld(resting: Resting[]): void {
    const oldest = now() - keepIdleMs;
    for (let [first] = resting; first && first.since <= oldest; [first] = resting) {
      first.connection.close();
      resting.shift();
    }
  }
}

export interface Http1Options {
  /** Milliseconds. */
  readonly keepIdleMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

export type Http1Client = (request: Http1Request) => Promise<Http1Answer>;

interface Resting {
  readonly connection: Connection;
  readonly since: number;
}
