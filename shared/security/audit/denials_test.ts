import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mock } from "node:test";
import { FakeAudit } from "../../../tests/fakes/audit.ts";
import { type AuditEntry, AuditUnavailable } from "../../ports/audit.ts";
import { collapseDenials } from "./denials.ts";

const DENIED: AuditEntry = {
  action: "stats.baca",
  outcome: "failure",
  reason: "UNAUTHENTICATED",
  actor: { kind: "anonymous" },
  clientAddress: "192.0.2.1",
  traceId: "0".repeat(32),
};

describe("collapseDenials", () => {
  let lines: FakeAudit;
  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    lines = new FakeAudit();
  });
  afterEach(() => mock.timers.reset());

  it("makes a thousand refusals of one address two lines: the first, and how many followed", async () => {
    const audit = collapseDenials(lines);
    for (let i = 0; i < 1_000; i++) await audit.record(DENIED);
    assert.deepEqual(lines.entries, [DENIED]);
    mock.timers.tick(60_000);
    const { traceId: _, ...alike } = DENIED;
    assert.deepEqual(lines.entries, [DENIED, { ...alike, count: 999 }]);
    await audit.record(DENIED);
    assert.equal(lines.entries.length, 3, "the next minute begins with a line of its own");
  });

  it("tells addresses, actors, actions and reasons apart", async () => {
    const audit = collapseDenials(lines);
    const others: AuditEntry[] = [
      { ...DENIED, clientAddress: "192.0.2.2" },
      { ...DENIED, actor: { kind: "user", id: "u", roles: [] } },
      { ...DENIED, action: "sms.baca" },
      { ...DENIED, reason: "RATE_LIMITED" },
    ];
    for (const entry of [DENIED, ...others]) await audit.record(entry);
    assert.deepEqual(lines.entries, [DENIED, ...others]);
  });

  it("lets everything else through, each time", async () => {
    const audit = collapseDenials(lines);
    const read: AuditEntry = { action: "penduduk.baca", outcome: "success", actor: { kind: "anonymous" } };
    const missed: AuditEntry = { ...read, outcome: "failure", reason: "NOT_FOUND" };
    const wrong: AuditEntry = { ...read, action: "login", outcome: "failure", reason: "WRONG_CREDENTIALS" };
    for (const entry of [read, read, missed, missed, wrong, wrong]) await audit.record(entry);
    assert.equal(lines.entries.length, 6);
  });

  it("counts a flood from many addresses together, so that it stays bounded", async () => {
    const audit = collapseDenials(lines, { most: 10 });
    for (let i = 0; i < 5_000; i++) await audit.record({ ...DENIED, clientAddress: `198.51.100.${i}` });
    mock.timers.tick(60_000);
    assert.equal(lines.entries.length, 12);
    assert.deepEqual(lines.entries.at(-1), {
      action: "stats.baca",
      outcome: "failure",
      reason: "UNAUTHENTICATED",
      actor: { kind: "anonymous" },
      count: 4_989,
    });
  });

  it("rejects what cannot be written, and takes the next for the first again", async () => {
    const audit = collapseDenials(lines);
    lines.failing = true;
    await assert.rejects(audit.record(DENIED), AuditUnavailable);
    await assert.rejects(audit.record(DENIED), AuditUnavailable);
    lines.failing = false;
    await audit.record(DENIED);
    assert.equal(lines.entries.length, 1);
  });

  it("writes the counts of the minute that runs when it is flushed", async () => {
    const audit = collapseDenials(lines);
    await audit.record(DENIED);
    await audit.record(DENIED);
    await audit.flush();
    assert.equal(lines.entries.at(-1)?.count, 1);
  });
});
