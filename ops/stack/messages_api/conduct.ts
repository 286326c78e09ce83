import { z } from "zod";
import { answered, THROTTLED, UNAUTHENTICATED, UNWELL } from "./refusals.ts";

/** How the API behaves, as `POST /control` sets it. What is not named goes back to its default. */
export const Orders = z.strictObject({
  /**
   * What becomes of messages. `ok` takes them; `throttled` answers 429, `unauthorized` 401, `error` 500, `refused` 400
   * with `code`; `hang` never answers. `accept-then-…` takes them all the same: `error` answers 500, `hang` nothing,
   * `garble` half of an answer.
   */
  mode: z.enum([
    "ok",
    "throttled",
    "unauthorized",
    "error",
    "refused",
    "hang",
    "accept-then-error",
    "accept-then-hang",
    "accept-then-garble",
  ]).default("ok"),
  /** For so many messages, then `ok` again; without it until the next orders. */
  times: z.int().min(1).optional(),
  /** With `refused`. */
  code: z.int().default(21211),
  /** With `throttled`: the header as it is sent. */
  retryAfter: z.string().default("1"),
  /** Before each answer, in milliseconds. */
  delayMs: z.number().min(0).max(60_000).default(0),
  /** What is reported of each accepted message, in this order. */
  reports: z.array(z.string()).default(["sent", "delivered"]),
  /** Reported with `failed` and `undelivered`. */
  reportCode: z.string().default("30003"),
  listing: z.enum(["ok", "error"]).default("ok"),
});
export type Orders = z.output<typeof Orders>;

/** Does with each message what the orders say. */
export class Conduct {
  orders: Orders = Orders.parse({});

  /** `take` takes the message; `gone` aborts when nobody waits for the answer any more. */
  async around(take: () => Response, gone: AbortSignal): Promise<Response> {
    const { mode, code, retryAfter, delayMs } = this.orders;
    this.#countDown();
    if (delayMs > 0) await leftAfter(delayMs, gone);
    switch (mode) {
      case "ok":
        return take();
      case "throttled":
        return answered({ ...THROTTLED, headers: { "retry-after": retryAfter } });
      case "unauthorized":
        return answered(UNAUTHENTICATED);
      case "refused":
        return answered({ status: 400, code, message: "Not possible" });
      case "accept-then-error":
        take();
        return answered(UNWELL);
      case "error":
        return answered(UNWELL);
      case "accept-then-garble":
        take();
        return new Response('{"sid":"SM', { status: 201 });
      case "accept-then-hang":
        take();
        return await leftAfter(undefined, gone);
      case "hang":
        return await leftAfter(undefined, gone);
    }
  }

  #countDown(): void {
    const { times, ...orders } = this.orders;
    if (times === undefined) return;
    this.orders = times > 1 ? { ...orders, times: times - 1 } : { ...orders, mode: "ok" };
  }
}

/** After so many milliseconds, or as soon as nobody waits any more; without a number only then. */
function leftAfter(ms: number | undefined, gone: AbortSignal): Promise<Response> {
  return new Promise((resolve) => {
    const done = () => resolve(new Response());
    if (gone.aborted) done();
    gone.addEventListener("abort", done, { once: true });
    if (ms !== undefined) setTimeout(done, ms);
  });
}
