import { createEdge } from "../../edge/app.ts";
import { handledBy, type Origin, type RequestHandler } from "../../edge/upstream/origin.ts";
import type { Identity } from "../../shared/ports/identity.ts";
import { FakeAudit } from "../fakes/audit.ts";
import type { RateLimiter } from "../../shared/ports/rate_limiter.ts";

/** The whole edge behind a port, before one origin for all, which answers everything unless another one is given. */
export function serveEdge(
  identity: Identity,
  answer: RequestHandler = () => Response.json({}),
): ServedEdge {
  let reached = 0;
  const transport = handledBy((request) => {
    reached++;
    return answer(request);
  });
  const origin: Origin = { url: "http://origin.invalid", transport };
  const limiter: RateLimiter = {
    take: () => Promise.resolve({ allowed: true, limit: 1, remaining: 1, resetMs: 0, degraded: false }),
  };
  const edge = createEdge({
    identity,
    userLimiter: limiter,
    addressLimiter: limiter,
    conflictLimiter: limiter,
    audit: new FakeAudit(),
    origins: { auth: origin, registration: origin, statistics: origin, notification: origin },
  });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request, info) => edge.fetch(request, { remoteAddress: info.remoteAddr.hostname }),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    reached: () => reached,
    close: () => server.shutdown(),
  };
}

export interface ServedEdge {
  readonly url: string;
  /** How many requests came to an origin. */
  reached(): number;
  close(): Promise<void>;
}
