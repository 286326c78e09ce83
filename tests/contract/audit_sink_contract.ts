import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { AuditSink, SealedLine } from "../../shared/ports/audit_sink.ts";
import { Chain } from "../../shared/security/audit/chain.ts";
import { toFields } from "../../shared/security/audit/line.ts";
import { sha256 } from "../../shared/security/audit/sha256.ts";

/** What the audit's writer relies on of every sink. */
export function auditSinkContract(name: string, open: () => Promise<SinkUnderTest>): void {
  describe(`Audit sink contract on ${name}`, () => {
    const signal = AbortSignal.timeout(30_000);
    let opened: SinkUnderTest;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    it("holds the lines to the byte, in their order", async () => {
      const lines = sealLines(5);
      await opened.sink.append(lines.slice(0, 2), signal);
      await opened.sink.append(lines.slice(2), signal);
      assert.deepEqual(await opened.texts(), lines.map(({ text }) => text));
    });

    it("does not write a line twice that comes again before newer ones", async () => {
      const lines = sealLines(4);
      await opened.sink.append(lines.slice(0, 2), signal);
      await opened.sink.append(lines, signal);
      await opened.sink.append(lines, signal);
      assert.deepEqual(await opened.texts(), lines.map(({ text }) => text));
    });

    it("takes an empty list for nothing to do", async () => {
      await opened.sink.append([], signal);
      assert.deepEqual(await opened.texts(), []);
    });

    it("holds several chains", async () => {
      const [one, other] = [sealLines(2), sealLines(3)];
      await opened.sink.append(one, signal);
      await opened.sink.append(other, signal);
      const texts = [...one, ...other].map(({ text }) => text);
      assert.deepEqual([...await opened.texts()].sort(), texts.sort());
    });

    it("takes appends that are made at once, each whole", async () => {
      const lines = sealLines(60);
      const parts = Array.from({ length: 6 }, (_, i) => lines.slice(i * 10, i * 10 + 10));
      await Promise.all(parts.map((part) => opened.sink.append(part, signal)));
      assert.deepEqual(await opened.texts(), lines.map(({ text }) => text));
    });
  });
}

export interface SinkUnderTest {
  readonly sink: AuditSink;
  /** All that the sink holds, in its order. */
  texts(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** A chain of its own. */
export function sealLines(count: number): readonly SealedLine[] {
  const chain = new Chain(crypto.randomUUID(), sha256);
  return Array.from({ length: count }, (_, i) => {
    const context = { service: "test", id: crypto.randomUUID(), at: new Date(START + i) };
    const actor = { kind: "user", id: `user "${i}" \\ \u00e9`, roles: ["petugas", "warga"] } as const;
    const entry = { action: "penduduk.baca", outcome: "success", actor, durationMs: 1.5 } as const;
    return chain.seal(toFields(entry, context));
  });
}

const START = Date.UTC(2026, 10, 22);
