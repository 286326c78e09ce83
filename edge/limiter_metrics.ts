import type { RateLimiter } from "../shared/ports/rate_limiter.ts";
import type { Metrics } from "../shared/telemetry/metrics.ts";

/** What the limiters let through, and whether each counts alone because the store that all share is away. */
export function observeLimiters(metrics: Metrics): (name: string, limiter: RateLimiter) => RateLimiter {
  const verdicts = metrics.counterBy("edge_limit_verdicts_total", "Requests by what the limiter said", [
    "limiter",
    "verdict",
  ]);
  const degraded = metrics.gaugeBy("edge_limiter_degraded", "1 while this process counts alone", ["limiter"]);
  return (limiter, limits) => {
    const allowed = { limiter, verdict: "allowed" };
    const refused = { limiter, verdict: "refused" };
    let alone = false;
    degraded({ limiter }, 0);
    return {
      async take(subject) {
        const verdict = await limits.take(subject);
        verdicts(verdict.allowed ? allowed : refused);
        if (verdict.degraded !== alone) {
          alone = verdict.degraded;
          degraded({ limiter }, Number(alone));
        }
        return verdict;
      },
    };
  };
}
