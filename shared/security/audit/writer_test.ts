import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { sealLines } from "../../../tests/contract/audit_sink_contract.ts";
import { type AuditEntry, AuditUnavailable } from "../../ports/audit.ts";
import type { AuditSink, SealedLine } from "../../ports/audit_sink.ts";
import { sha256 } from "./sha256.ts";
import { CopyVerifier } from "./verify.ts";
import { openAuditWriter } from "./writer.ts";

const ENTRY: AuditEntry = { action: "stats.baca", outcome: "success", actor: { kind: "anonymous" } };

describe("The audit writer", () => {
  it("begins the chain with the names of the sinks and ends it in good order", async () => {
    const [file, table] = [new MemorySink("file"), new MemorySink("table")];
    const writer = await openAuditWriter({ sinks: [file, table], sha256, service: "dev" });
    await writer.of("statistics").record(ENTRY);
    await writer.close();
    assert.deepEqual(
      file.held.map((line) => [line["event.action"], line["service.name"], line["kependudukan.sinks"]]),
      [
        ["audit.start", "dev", ["file", "table"]],
        ["stats.baca", "statistics", undefined],
        ["audit.stop", "dev", undefined],
      ],
    );
    assert.deepEqual(table.texts, file.texts);
    assertWhole(file);
    assert.ok(file.closed && table.closed);
  });

  it("writes what is recorded at once by few appends, and resolves none before it is in every sink", async () => {
    const [file, table] = [new MemorySink("file"), new MemorySink("table")];
    const writer = await openAuditWriter({ sinks: [file, table], sha256, service: "dev" });
    const audit = writer.of("statistics");
    const before = file.appends;
    await Promise.all(Array.from({ length: 300 }, async (_, i) => {
      const actor = { kind: "user", id: `user-${i}`, roles: [] } as const;
      await audit.record({ ...ENTRY, actor });
      assert.ok(table.held.some((line) => line["user.id"] === actor.id));
    }));
    assert.ok(file.appends - before <= 3, `${file.appends - before} appends`);
    assertWhole(table);
  });

  it("rejects while a sink fails, and writes the chain on without a gap when it works again", async () => {
    const [file, table] = [new MemorySink("file"), new MemorySink("table")];
    const writer = await openAuditWriter({ sinks: [file, table], sha256, service: "dev" });
    const audit = writer.of("statistics");
    table.failing = true;
    await assert.rejects(audit.record(ENTRY), AuditUnavailable);
    await assert.rejects(audit.record(ENTRY), AuditUnavailable);
    await assert.rejects(writer.check());
    assert.equal(writer.unwritten(), 2);
    table.failing = false;
    await writer.check();
    await audit.record(ENTRY);
    assert.equal(writer.unwritten(), 0);
    assert.equal(table.held.length, 4);
    assert.deepEqual(table.texts, file.texts);
    assertWhole(table);
  });

  it("takes nothing new while too many lines wait for a sink", async () => {
    const sink = new MemorySink("file");
    const writer = await openAuditWriter({ sinks: [sink], sha256, service: "dev", mostUnwritten: 3 });
    const audit = writer.of("statistics");
    sink.failing = true;
    for (let i = 0; i < 10; i++) await assert.rejects(audit.record(ENTRY), AuditUnavailable);
    assert.equal(writer.unwritten(), 3);
    sink.failing = false;
    await audit.record(ENTRY);
    assert.equal(sink.held.length, 5);
    assertWhole(sink);
  });

  it("gives up a sink that never answers", async () => {
    const sink = new MemorySink("file");
    const writer = await openAuditWriter({ sinks: [sink], sha256, service: "dev", deadlineMs: 20 });
    sink.hanging = true;
    await assert.rejects(writer.of("statistics").record(ENTRY), AuditUnavailable);
  });

  it("does not begin where no line can be written", async () => {
    const sink = new MemorySink("file");
    sink.failing = true;
    await assert.rejects(openAuditWriter({ sinks: [sink], sha256, service: "dev" }));
  });

  it("brings to the later sinks what a crash kept from them", async () => {
    const [file, table] = [new MemorySink("file"), new MemorySink("table")];
    const earlier = sealLines(3);
    file.left = [...sealLines(2), ...earlier];
    await openAuditWriter({ sinks: [file, table], sha256, service: "dev" });
    assert.deepEqual(table.texts.slice(0, 3), earlier.map(({ text }) => text));
  });

  it("does not repeat a chain that was closed in good order", async () => {
    const before = new MemorySink("file");
    await (await openAuditWriter({ sinks: [before], sha256, service: "dev" })).close();
    const [file, table] = [new MemorySink("file"), new MemorySink("table")];
    file.left = before.lines;
    await openAuditWriter({ sinks: [file, table], sha256, service: "dev" });
    assert.equal(table.held.length, 1);
  });
});

class MemorySink implements AuditSink {
  readonly #lines: SealedLine[] = [];
  failing = false;
  hanging = false;
  closed = false;
  appends = 0;
  /** What an earlier process wrote. */
  left: readonly SealedLine[] = [];

  constructor(readonly name: AuditSink["name"]) {}

  append(lines: readonly SealedLine[]): Promise<void> {
    this.appends++;
    if (this.hanging) return new Promise(() => {});
    if (this.failing) return Promise.reject(new Error("Disk is full"));
    const known = new Set(this.texts);
    this.#lines.push(...lines.filter(({ text }) => !known.has(text)));
    return Promise.resolve();
  }

  recent(): Promise<readonly SealedLine[]> {
    return Promise.resolve(this.left);
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  get lines(): readonly SealedLine[] {
    return this.#lines;
  }

  get held() {
    return this.#lines.map(({ line }) => line);
  }

  get texts() {
    return this.#lines.map(({ text }) => text);
  }
}

function assertWhole(sink: MemorySink): void {
  const verifier = new CopyVerifier({ sink: sink.name, place: sink.name, sha256, settledUntil: new Date() });
  sink.texts.forEach((text, i) => verifier.add(text, String(i)));
  assert.deepEqual(verifier.result().findings, []);
}
