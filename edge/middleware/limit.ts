import type { Context, MiddlewareHandler } from "hono";
import { Problem } from "../../shared/http/problem.ts";
import type { RateLimiter, Verdict } from "../../shared/ports/rate_limiter.ts";
import type { AppEnv } from "../../shared/http/app.ts";

/** 100 requests a minute for each user; stands behind `authenticate`, so that the subject is a verified one. */
export function limitByUser(limiter: RateLimiter): MiddlewareHandler<AppEnv> {
  return async function limitByUser(c, next) {
    if (c.get("caller").roles.has("tanpa-batas")) return await next();
    const verdict = await limiter.take(c.get("caller").subject);
    refuseOver(verdict);
    await next();
    setHeaders(c, verdict);
  };
}

/** For the routes that have no user yet; its budget must fit an office whose officers share one address. */
export function limitByAddress(limiter: RateLimiter): MiddlewareHandler<AppEnv> {
  return async function limitByAddress(c, next) {
    const verdict = await limiter.take(c.get("address"));
    refuseOver(verdict);
    await next();
    setHeaders(c, verdict);
  };
}

function refuseOver(verdict: Verdict): void {
  if (verdict.allowed) return;
  const seconds = Math.ceil(verdict.resetMs / 1000);
  throw new Problem(
    "RATE_LIMITED",
    `Batas ${verdict.limit} permintaan per menit tercapai; coba lagi ${seconds} detik lagi`,
    {
      headers: { "retry-after": String(seconds), ...fields(verdict) },
    },
  );
}

function setHeaders(c: Context, verdict: Verdict): void {
  // Not by `c.header`, which makes the whole answer anew each time.
  for (const [name, value] of Object.entries(fields(verdict))) c.res.headers.set(name, value);
}

/** draft-ietf-httpapi-ratelimit-headers-10: one policy, what remains of it, seconds until it grows. */
function fields({ limit, remaining, resetMs }: Verdict): Record<string, string> {
  return {
    "ratelimit-policy": `"menit";q=${limit};w=60`,
    "ratelimit": `"menit";r=${remaining};t=${Math.ceil(resetMs / 1000)}`,
  };
}
