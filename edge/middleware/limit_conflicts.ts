import type { MiddlewareHandler } from "hono";
import { LRUCache } from "lru-cache";
import * as z from "zod";
import type { AppEnv } from "../../shared/http/app.ts";
import { Problem } from "../../shared/http/problem.ts";
import type { RateLimiter } from "../../shared/ports/rate_limiter.ts";

/**
 * A 409 says that somebody with this NIK is registered, and the NIKs of a village can be counted up. So each user gets
 * only so many of these answers a minute, then none of either kind until the budget grows. Every instance of the edge
 * finds out by a conflict of its own that the budget is used up: one more for each.
 */
export function limitConflicts(limiter: RateLimiter): MiddlewareHandler<AppEnv> {
  const blocked = new LRUCache<string, number>({ max: SUBJECTS, ttlAutopurge: false });
  return async function limitConflicts(c, next) {
    const { roles, subject } = c.get("caller");
    if (roles.has("tanpa-batas")) return await next();
    const remainingMs = blocked.has(subject) ? blocked.getRemainingTTL(subject) : 0;
    if (remainingMs > 0) throw tooMany(remainingMs);
    await next();
    if (c.res.status !== 409) return;
    const problem = ConflictAnswer.safeParse(await c.res.clone().json());
    if (problem.data?.code !== "NIK_REGISTERED") return;
    const { remaining, resetMs } = await limiter.take(subject);
    if (remaining === 0) blocked.set(subject, resetMs, { ttl: resetMs });
  };
}

const ConflictAnswer = z.object({ code: z.string() });
const SUBJECTS = 10_000;

function tooMany(remainingMs: number): Problem {
  const seconds = Math.ceil(remainingMs / 1000);
  return new Problem(
    "RATE_LIMITED",
    `Terlalu banyak NIK yang sudah terdaftar; periksa data Anda dan coba lagi ${seconds} detik lagi`,
    { headers: { "retry-after": String(seconds) } },
  );
}
