import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Hono } from "hono";
import type { AppEnv } from "../http/app.ts";
import { PartState } from "../http/schemas/system.ts";
import { servePartState } from "./part_state.ts";

describe("what a part tells the edge of itself", () => {
  it("names each dependency with its state, and the figures that can be read", async () => {
    const app = new Hono<AppEnv>();
    const away = () => Promise.reject(new Error("Away"));
    servePartState(app, {
      dependencies: [
        { name: "postgresql", check: () => Promise.resolve() },
        { name: "identity", check: away },
        { name: "rate-limit-store", optional: true, check: away },
      ],
      figures: { outboxRows: () => Promise.resolve(3), deadLetters: away },
    });
    const answer = await app.request("/sistem");
    assert.deepEqual(PartState.parse(await answer.json()), {
      dependencies: { postgresql: "ok", identity: "unavailable", "rate-limit-store": "degraded" },
      figures: { outboxRows: 3 },
    });
  });
});
