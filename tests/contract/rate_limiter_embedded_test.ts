import { EmbeddedRateLimitStore } from "../../shared/adapters/embedded/rate_limit_store.ts";
import { rateLimiterContract } from "./rate_limiter_contract.ts";

rateLimiterContract(
  "the store in memory",
  (now) => Promise.resolve({ store: new EmbeddedRateLimitStore({ now }), close: () => Promise.resolve() }),
);
