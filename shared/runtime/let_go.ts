import { sleep } from "../resilience/backoff.ts";

/**
 * Lets a server end without losing a request. A server that ends closes the connections on which it sees no request,
 * and one that is on its way at that instant is lost: on a busy machine that is not rare. So, once `shutdown` aborts,
 * each answer asks its client to give the connection up (RFC 9112, 9.6), and the server is to go on until `letGo`
 * resolves. A client that keeps idle connections for a shorter time, as the edge does, then has none left.
 */
export function lettingGo(shutdown: AbortSignal): LettingGo {
  let answeredAt = -Infinity;
  return {
    asking: (handle) => async (request, info) => {
      const answer = await handle(request, info);
      answeredAt = performance.now();
      if (!shutdown.aborted) return answer;
      const headers = new Headers(answer.headers);
      headers.set("connection", "close");
      return new Response(answer.body, { status: answer.status, headers });
    },
    // Nobody keeps a connection to a server that nobody asked lately.
    letGo: () => sleep(Math.max(0, answeredAt + LET_GO_MS - performance.now()), new AbortController().signal),
  };
}

export interface LettingGo {
  asking(handle: Handler): Handler;
  /** To be called once `shutdown` has aborted. */
  letGo(): Promise<void>;
}

const LET_GO_MS = 2_000;

type Handler = Deno.ServeHandler<Deno.NetAddr>;
