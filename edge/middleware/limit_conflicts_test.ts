import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { EmbeddedRateLimitStore } from "../../shared/adapters/embedded/rate_limit_store.ts";
import { openRateLimiter } from "../../shared/adapters/redis/rate_limiter.ts";
import { createApp } from "../../shared/http/app.ts";
import { type ErrorCode, Problem } from "../../shared/http/problem.ts";
import type { Role } from "../../shared/ports/identity.ts";
import { callerOf } from "../../tests/fakes/identity.ts";
import { limitConflicts } from "./limit_conflicts.ts";

describe("limitConflicts", () => {
  it("answers no more than the budget of a user, and then neither yes nor no", async () => {
    const { post } = edge();
    const conflicts = [
      await post("NIK_REGISTERED"),
      await post("NIK_REGISTERED"),
      await post("NIK_REGISTERED"),
    ];
    assert.deepEqual(conflicts.map(({ status }) => status), [409, 409, 409]);
    const [free, taken] = [await post(undefined), await post("NIK_REGISTERED")];
    assert.deepEqual([free.status, taken.status], [429, 429]);
    assert.match(free.headers.get("retry-after") ?? "", /^([1-9]|[1-5]\d|60)$/);
    assert.deepEqual(Object.keys(await free.json()), Object.keys(await taken.json()));
  });

  it("counts neither registrations nor conflicts that tell nothing of others", async () => {
    const { post } = edge();
    for (const code of [undefined, "IDEMPOTENCY_IN_FLIGHT", "INVALID_INPUT", undefined] as const) {
      assert.notEqual((await post(code)).status, 429);
    }
    assert.equal((await post("NIK_REGISTERED")).status, 409);
  });

  it("leaves other users and bulk loaders alone", async () => {
    const { post } = edge();
    for (let i = 0; i < 3; i++) await post("NIK_REGISTERED", "a");
    assert.equal((await post(undefined, "b")).status, 201);
    for (let i = 0; i < 9; i++) {
      assert.equal((await post("NIK_REGISTERED", "c", "tanpa-batas")).status, 409);
    }
  });
});

function edge() {
  const store = new EmbeddedRateLimitStore();
  const app = createApp({ service: "uji" });
  app.use(async function signIn(c, next) {
    const role = c.req.header("role") === "tanpa-batas" ? "tanpa-batas" : "petugas";
    c.set("caller", callerOf(c.req.header("subject") ?? "", role));
    await next();
  });
  app.post(
    "/",
    limitConflicts(openRateLimiter({ store, limit: 3, windowMs: 60_000, prefix: "uji" })),
    (c) => {
      const code = CODES.find((code) => code === c.req.header("outcome"));
      if (code) throw new Problem(code, "Uji");
      return c.json({}, 201);
    },
  );
  return {
    post: (code: ErrorCode | undefined, subject = "a", role: Role = "petugas") =>
      app.request("/", {
        method: "POST",
        headers: { subject, role, ...(code && { outcome: code }) },
      }),
  };
}

const CODES = ["NIK_REGISTERED", "IDEMPOTENCY_IN_FLIGHT", "INVALID_INPUT"] as const;
