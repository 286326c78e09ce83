import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { HangingSink } from "../../tests/fakes/audit_sink.ts";
import { sha256 } from "../security/audit/sha256.ts";
import { openAuditWriter } from "../security/audit/writer.ts";
import { createApp } from "./app.ts";
import { auditDenials, auditRoutes } from "./audited.ts";
import { boundByDeadline, DEADLINE_HEADER } from "./deadline.ts";
import { Problem } from "./problem.ts";

describe("An audited route whose sink hangs", () => {
  it("answers 503 with Retry-After before its caller's deadline, and still writes the line", async () => {
    const { app, sink, writer } = await served();
    sink.hang();
    const began = performance.now();
    const response = await app.request("/stats", { headers: { [DEADLINE_HEADER]: "60" } });
    assert.equal(response.status, 503);
    assert.ok(Number(response.headers.get("retry-after")) > 0);
    assert.equal((await response.json()).code, "AUDIT_UNAVAILABLE");
    assert.ok(performance.now() - began < SINK_MS, "it waited for the sink");
    sink.goOn();
    await writer.check();
    assert.deepEqual(sink.actions, ["audit.start", "stats.baca"]);
  });

  it("gives a line time even where the handler has used up the caller's", async () => {
    const { app } = await served();
    const response = await app.request("/slow", { headers: { [DEADLINE_HEADER]: "20" } });
    assert.equal((await response.json()).code, "STORE_UNAVAILABLE", "not AUDIT_UNAVAILABLE");
  });

  it("does not keep whom it refuses, whatever the client says of its deadline", async () => {
    const { app, sink } = await served({ denialMs: 30 });
    sink.hang();
    const began = performance.now();
    const response = await app.request("/refused", { headers: { [DEADLINE_HEADER]: "999999" } });
    assert.equal((await response.json()).code, "AUDIT_UNAVAILABLE");
    assert.ok(performance.now() - began < SINK_MS, "it waited for the sink");
    sink.goOn();
  });
});

async function served({ denialMs = 1_000 } = {}) {
  const sink = new HangingSink();
  const writer = await openAuditWriter({ sinks: [sink], sha256, service: "uji", deadlineMs: SINK_MS });
  const audit = writer.of("uji");
  const app = createApp({ service: "uji" });
  auditRoutes(app, audit, [["GET", "/stats", "stats.baca"], ["GET", "/slow", "stats.baca"]]);
  app.get("/refused", auditDenials(audit, "stats.baca", { withinMs: denialMs }), () => {
    throw new Problem("FORBIDDEN", "Peran ini tidak boleh");
  });
  app.use(boundByDeadline());
  app.get("/stats", (c) => c.json([]));
  app.get("/slow", async () => {
    await new Promise((resolve) => setTimeout(resolve, 40));
    throw new Problem("STORE_UNAVAILABLE", "Gagal membaca data");
  });
  return { app, sink, writer };
}

/** Far more than the deadlines of the callers. */
const SINK_MS = 2_000;
