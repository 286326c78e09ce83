import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import { openAuditProgress, type VerifiedPart } from "../../shared/adapters/postgres/audit_progress.ts";
import { openAuditReader } from "../../shared/adapters/postgres/audit_reader.ts";
import { AUDIT, openAuditTable } from "../../shared/adapters/postgres/audit_table.ts";
import { migrate } from "../../shared/adapters/postgres/migrate.ts";
import type { AuditSink } from "../../shared/ports/audit_sink.ts";
import { sha256 } from "../../shared/security/audit/sha256.ts";
import { openAuditWriter } from "../../shared/security/audit/writer.ts";
import { openTestDatabase, type TestDatabase } from "../../tests/database.ts";
import { REGISTRY } from "./migrations.ts";
import { verifyPart } from "./verify_part.ts";

describe("The verification of the audit part by part", () => {
  let database: TestDatabase;
  let clock: number;

  before(async () => {
    database = await openTestDatabase();
    await migrate(database.pool, REGISTRY);
    await migrate(database.pool, AUDIT);
    await database.pool.query("alter table audit disable trigger all");
    await database.pool.query("alter table audit_verification disable trigger all");
  });
  after(() => database.drop());
  beforeEach(async () => {
    await database.pool.query("truncate audit, audit_verification");
    clock = Date.UTC(2026, 10, 22);
  });

  it("finds nothing in what was written, and goes on where it ended", async () => {
    await write(4);
    const first = await verify();
    assert.deepEqual([first.complete, first.lines, first.findings], [true, 6, []]);
    await write(2);
    const second = await verify(first);
    assert.deepEqual([second.complete, second.lines, second.findings], [true, 10, []]);
    assert.ok(second.lastAt && first.lastAt && second.lastAt > first.lastAt);
  });

  it("takes as many parts as it needs, also in the middle of a chain, and is over at the last line", async () => {
    await write(9);
    const seen: boolean[] = [];
    let part: VerifiedPart | undefined;
    do {
      part = await verify(part, { lines: 4 });
      seen.push(part.complete);
    } while (!part.complete);
    assert.deepEqual(seen, [false, false, true]);
    assert.deepEqual([part.lines, part.findings], [11, []]);
  });

  it("follows the chain of a process that still runs from one part to the next", async () => {
    const running = await open();
    await record(running, 3);
    const first = await verify();
    await record(running, 3);
    const second = await verify(first);
    assert.deepEqual([second.lines, second.findings], [7, []]);
    await database.pool.query("delete from audit where id > $1 and seq = 5", [first.lastId]);
    const { findings } = await verify(first);
    assert.deepEqual(findings.map(({ what }) => what), ["1 lines removed before it"]);
    await running.close();
  });

  it("reads the newest lines again, for a line of another process may still come before them", async () => {
    await write(2, 10_000);
    const after = new Date(clock);
    const first = await verify(undefined, { now: new Date(after.getTime() + 1_000) });
    assert.deepEqual([first.complete, first.lines, first.lastId], [true, 0, null]);
    const second = await verify(first);
    assert.equal(second.lines, 4);
  });

  for (
    const [what, sql, finding] of [
      ["altered", "update audit set line = replace(line, 'petugas', 'admin') where seq = 2", "altered"],
      ["taken out", "delete from audit where seq = 2", "1 lines removed before it"],
      [
        "hidden by its columns",
        "update audit set actor = 'lain' where seq = 2",
        "columns differ from the line",
      ],
      ["no line", "update audit set line = '{}' where seq = 2", "not a line of the audit"],
    ] as const
  ) {
    it(`finds a line that was ${what}, and begins at the first line the next time`, async () => {
      await write(4);
      await database.pool.query(sql);
      const broken = await verify();
      assert.ok(broken.findings.some((found) => found.what === finding), JSON.stringify(broken.findings));
      const again = await verify(broken);
      assert.deepEqual(again.findings, broken.findings);
    });
  }

  it("keeps what an earlier part of the same run found", async () => {
    await write(9);
    await database.pool.query("update audit set line = replace(line, 'petugas', 'admin') where seq = 2");
    let part = await verify(undefined, { lines: 5 });
    while (!part.complete) part = await verify(part, { lines: 5 });
    assert.deepEqual(part.findings.map(({ what, seq }) => [what, seq]), [["altered", 2]]);
  });

  it("sees no change before its checkpoint, but when it begins at the first line", async () => {
    await write(4);
    const first = await verify();
    await database.pool.query("update audit set line = replace(line, 'petugas', 'admin') where seq = 2");
    assert.deepEqual((await verify(first)).findings, []);
    assert.deepEqual((await verify(first, { fromStart: true })).findings.map(({ what }) => what), [
      "altered",
    ]);
  });

  it("is kept with the rights of an auditor, and the newest counts", async () => {
    const progress = openAuditProgress(database.as("auditor"));
    assert.equal(await progress.latest(), undefined);
    await write(3);
    const first = await verify(undefined, { lines: 2 });
    await progress.add(first);
    assert.deepEqual(await progress.latest(), first);
    const second = await verify(first);
    await progress.add(second);
    assert.deepEqual(await progress.latest(), second);
  });

  it("ends at its deadline, wherever it is", async () => {
    await write(4);
    const signal = AbortSignal.abort();
    const part = await verify(undefined, { signal });
    assert.deepEqual([part.complete, part.lines], [false, 0]);
  });

  function verify(
    last?: VerifiedPart,
    { lines = 1_000, signal = new AbortController().signal, fromStart = false, now = NOW } = {},
  ) {
    const reader = openAuditReader(database.as("auditor"));
    return verifyPart({ reader, last, fromStart, actor: "sub-auditor", now, bounds: { lines, signal } });
  }

  /** One process that starts, records and stops: two lines more than are recorded. */
  async function write(count: number, step = 1_000): Promise<void> {
    const writer = await open(step);
    await record(writer, count);
    await writer.close();
  }

  function open(step = 1_000) {
    const sink: AuditSink = openAuditTable(database.as("audit_writer"));
    return openAuditWriter({
      sinks: [sink],
      sha256,
      service: "registration",
      now: () => new Date(clock += step),
    });
  }

  async function record(writer: Awaited<ReturnType<typeof openAuditWriter>>, count: number): Promise<void> {
    const actor = { kind: "user", id: "sub-ayu", roles: ["petugas"] } as const;
    for (let i = 0; i < count; i++) {
      await writer.of("registration").record({ action: "penduduk.baca", outcome: "success", actor });
    }
  }
});

const NOW = new Date(Date.UTC(2026, 11, 22));
