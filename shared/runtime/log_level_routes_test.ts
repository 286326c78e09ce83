import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Hono } from "hono";
import { describeLogLevels, type LogLevels } from "../telemetry/log_levels.ts";
import { serveLogLevels } from "./log_level_routes.ts";

describe("/log-level", () => {
  it("turns the log up for as many minutes as are asked, 15 unless told", async () => {
    const { ask, calls } = served();
    assert.equal((await ask("PUT", "info,kafka=debug\n")).status, 200);
    assert.equal((await ask("PUT", "debug", "?minutes=60")).status, 200);
    assert.equal((await ask("DELETE")).status, 200);
    assert.deepEqual(calls, ["info,kafka=debug 15", "debug 60", "back"]);
  });

  it("says what is wrong with a body or a time, and changes nothing", async () => {
    const { ask, calls } = served();
    for (const [body, query] of [["loud", ""], ["", ""], ["debug", "?minutes=0"], ["debug", "?minutes=61"]]) {
      assert.equal((await ask("PUT", body, query)).status, 400);
    }
    assert.equal((await ask("PUT", "x".repeat(2_000))).status, 413);
    assert.deepEqual(calls, []);
  });

  it("tells what is logged", async () => {
    const { ask } = served();
    assert.deepEqual(await (await ask("GET")).json(), { levels: "info" });
  });
});

function served() {
  const calls: string[] = [];
  const app = new Hono();
  serveLogLevels(app, {
    now: () => ({ levels: "info" }),
    turnUp: (levels: LogLevels, minutes) => void calls.push(`${describeLogLevels(levels)} ${minutes}`),
    turnBack: () => void calls.push("back"),
  });
  const ask = async (method: string, body?: string, query = "") =>
    await app.request(`/log-level${query}`, { method, ...(body !== undefined && { body }) });
  return { ask, calls };
}
