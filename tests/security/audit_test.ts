import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Verification, verifyAudit } from "../../ops/tasks/audit/verify.ts";
import { openAuditFile } from "../../shared/adapters/file/audit_file.ts";
import { openAuditReader } from "../../shared/adapters/postgres/audit_reader.ts";
import { AUDIT, openAuditTable } from "../../shared/adapters/postgres/audit_table.ts";
import { migrate } from "../../shared/adapters/postgres/migrate.ts";
import type { PoolClient } from "../../shared/adapters/postgres/pool.ts";
import type { AuditEntry } from "../../shared/ports/audit.ts";
import { sha256 } from "../../shared/security/audit/sha256.ts";
import type { KnownEnd } from "../../shared/security/audit/verify.ts";
import { openAuditWriter } from "../../shared/security/audit/writer.ts";
import { REGISTRY } from "../../workers/registration/migrations.ts";
import { forgeAfter, forgeFrom, putIn } from "./audit_forgery.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

const LATER = () => new Date(Date.now() + 60_000);

describe("Attacks by changed audit lines", () => {
  let database: TestDatabase;
  let folder = "";
  let file = "";
  let texts: readonly string[] = [];
  let ends: readonly KnownEnd[] = [];

  before(async () => {
    database = await openTestDatabase();
    await migrate(database.pool, REGISTRY);
    await migrate(database.pool, AUDIT);
    folder = await Deno.makeTempDir();
    file = join(folder, "audit.jsonl");
    for (const service of ["registration", "auth"]) await writeChain(service);
    texts = (await Deno.readTextFile(file)).split("\n").slice(0, -1);
    const { findings, ends: noted } = await verifyAudit({
      reader: openAuditReader(database.as("auditor")),
      files: [file],
      known: [],
      now: LATER(),
    });
    assert.deepEqual(findings, [], "as they were written, nothing is found");
    ends = noted;
  });
  after(async () => {
    await database.drop();
    await Deno.remove(folder, { recursive: true });
  });

  describe("in the table, by a superuser past its trigger", () => {
    const of = (seq: number) => `seq = ${seq} and writer = (select writer from audit order by id limit 1)`;
    const attacks: readonly (readonly [what: string, sql: string, finding: RegExp])[] = [
      [
        "an outcome made a success",
        `update audit set line = replace(line, '"failure"', '"success"')`,
        /altered/,
      ],
      [
        "another actor in a line",
        `update audit set line = replace(line, 'petugas-1', 'petugas-3') where ${of(2)}`,
        /altered/,
      ],
      [
        "another time in a line",
        `update audit set line = replace(line, '"@timestamp":"2', '"@timestamp":"3') where ${of(2)}`,
        /altered/,
      ],
      [
        "a person taken out of a line",
        `update audit set line = regexp_replace(line, '"kependudukan.target":"[^"]*",', '') where ${of(2)}`,
        /altered/,
      ],
      [
        "spaces put into a line",
        `update audit set line = replace(line, '":', '": ') where ${of(2)}`,
        /altered/,
      ],
      [
        "a field said twice",
        `update audit set line = replace(line, '{', '{"user.id":"x",') where ${of(2)}`,
        /altered/,
      ],
      [
        "a field nobody knows",
        `update audit set line = replace(line, '}', ',"x":1}') where ${of(2)}`,
        /not a line/,
      ],
      [
        "a column changed, so that a search misses the line",
        `update audit set actor = 'nobody' where ${of(2)}`,
        /columns differ/,
      ],
      [
        "the tag of the person changed in its column",
        `update audit set target = null where ${of(2)}`,
        /columns differ/,
      ],
      ["a line taken out of the middle", `delete from audit where ${of(3)}`, /1 lines removed/],
      ["the first line taken out", `delete from audit where ${of(0)}`, /1 lines removed/],
      ["the last line cut off", `delete from audit where action = 'audit.stop'`, /cut off here: 1 lines/],
      ["all lines but the first cut off", `delete from audit where action <> 'audit.start'`, /cut off here/],
      [
        "a whole chain taken out",
        `delete from audit where writer = (select max(writer::text)::uuid from audit)`,
        /whole chain missing/,
      ],
      ["everything taken out", `delete from audit`, /whole chain missing/],
      [
        "two lines that changed places",
        `update audit a set line = b.line from audit b where a.writer = b.writer and a.seq in (2, 3) and b.seq = 5 - a.seq`,
        /columns differ|altered|out of order/,
      ],
      [
        "a line moved into another chain",
        `update audit set line = (select line from audit order by id desc limit 1) where ${of(2)}`,
        /columns differ/,
      ],
      ["a text that is no line", `update audit set line = 'x' where ${of(2)}`, /not a line/],
    ];
    for (const [what, sql, finding] of attacks) {
      it(`${what} is found`, async () => {
        assertFound(await withTable((client) => client.query(sql)), finding);
      });
    }

    it("a chain written anew from a changed line on, each hash right, is found by the file", async () => {
      assertFound(
        await withTable((client) => replaceChain(client, forgeFrom(ownChain(), 2))),
        /another line than in another copy/,
      );
    });

    it("a line made up at the end of a chain, its hash right, is found by the file", async () => {
      const verification = await withTable((client) => putIn(client, [forgeAfter(ownChain().at(-1) ?? "")]));
      assertFound(verification, /files: cut off here: 1 lines more/);
    });

    it("a chain made up as a whole, each hash right, is found by the file that it says it is in", async () => {
      const writer = crypto.randomUUID();
      const forged = forgeFrom(ownChain(), 0, { "kependudukan.chain.writer": writer });
      assertFound(await withTable((client) => putIn(client, forged)), /files: whole chain missing/);
    });

    it("a registration that no line tells of is found", async () => {
      const verification = await withTable(async (client) => {
        await client.query("update audit set at = at - interval '1 hour'");
        await client.query(
          `insert into penduduk (id, nik_index, key_id, nik, nama, alamat, kode_provinsi, created_at, created_by)
           values (gen_random_uuid(), sha256('x'), 'k', '', '', '', '32', now() - interval '2 minutes', 'x')`,
        );
      });
      assertFound(verification, /no line tells of it/);
    });
  });

  describe("in the file", () => {
    const attacks: readonly (readonly [
      what: string,
      change: (texts: readonly string[]) => readonly string[],
      finding: RegExp,
    ])[] = [
      [
        "a word changed in a line",
        (texts) => texts.with(2, (texts[2] ?? "").replace("failure", "success")),
        /altered/,
      ],
      ["a line taken out", (texts) => texts.toSpliced(3, 1), /1 lines removed/],
      [
        "two lines that changed places",
        (texts) => texts.with(2, texts[3] ?? "").with(3, texts[2] ?? ""),
        /removed|out of order/,
      ],
      ["a line said twice", (texts) => texts.toSpliced(3, 0, texts[2] ?? ""), /repeated or out of order/],
      ["the last line cut off", (texts) => texts.slice(0, -1), /cut off here: 1 lines/],
      ["everything cut off", () => [], /whole chain missing/],
      [
        "a chain written anew as a whole",
        () => [...forgeFrom(ownChain(), 0), ...texts.slice(ownChain().length)],
        /another line than in another copy/,
      ],
    ];
    for (const [what, change, finding] of attacks) {
      it(`${what} is found`, async () => {
        assertFound(await withFile(change(texts)), finding);
      });
    }
  });

  describe("in every copy at once, against the ends that were noted before", () => {
    it("lines cut off are found", async () => {
      assertFound(
        await withBoth(
          `delete from audit where action = 'audit.stop'`,
          (texts) => texts.filter((text) => !text.includes("audit.stop")),
        ),
        /cut off here/,
      );
    });

    it("a chain taken out is found", async () => {
      const [writer] = ends.map((end) => end.writer);
      assertFound(
        await withBoth(
          `delete from audit where writer = '${writer}'`,
          (texts) => texts.filter((text) => !text.includes(writer ?? "?")),
        ),
        /whole chain missing/,
      );
    });

    it("a chain written anew, each hash right, is found", async () => {
      const forged = forgeFrom(ownChain(), 0);
      const verification = await inTransaction(async (client) => {
        await replaceChain(client, forged);
        return await verifyWith(client, await fileOf([...forged, ...texts.slice(ownChain().length)]), ends);
      });
      assertFound(verification, /another line than when it was last verified/);
    });
  });

  async function writeChain(service: string): Promise<void> {
    const sinks = [await openAuditFile(file), openAuditTable(database.as("audit_writer"))] as const;
    const writer = await openAuditWriter({ sinks: [...sinks], sha256, service });
    for (let i = 0; i < 6; i++) await writer.of(service).record(entryOf(i));
    await writer.close();
  }

  /** The texts of the first chain. */
  function ownChain(): readonly string[] {
    return texts.filter((text) => text.includes(ends[0]?.writer ?? "?"));
  }

  async function replaceChain(client: PoolClient, forged: readonly string[]): Promise<void> {
    await client.query("delete from audit where writer = $1", [ends[0]?.writer]);
    await putIn(client, forged);
  }

  async function withTable(
    attack: (client: PoolClient) => Promise<unknown>,
  ): Promise<Verification> {
    return await inTransaction(async (client) => {
      await attack(client);
      return await verifyWith(client, file, []);
    });
  }

  async function withFile(changed: readonly string[]): Promise<Verification> {
    return await inTransaction(async (client) => await verifyWith(client, await fileOf(changed), []));
  }

  async function withBoth(
    sql: string,
    change: (texts: readonly string[]) => readonly string[],
  ): Promise<Verification> {
    return await inTransaction(async (client) => {
      await client.query(sql);
      return await verifyWith(client, await fileOf(change(texts)), ends);
    });
  }

  async function verifyWith(
    client: PoolClient,
    path: string,
    known: readonly KnownEnd[],
  ): Promise<Verification> {
    return await verifyAudit({ reader: openAuditReader(client), files: [path], known, now: LATER() });
  }

  async function fileOf(lines: readonly string[]): Promise<string> {
    const path = await Deno.makeTempFile({ dir: folder });
    await Deno.writeTextFile(path, lines.map((line) => `${line}\n`).join(""));
    return path;
  }

  /** As a superuser whom no trigger stops; undone in the end, so that each attack meets the audit as it was written. */
  async function inTransaction(work: (client: PoolClient) => Promise<Verification>): Promise<Verification> {
    const client = await database.pool.connect();
    try {
      await client.query("begin");
      await client.query("set local session_replication_role = replica");
      return await work(client);
    } finally {
      await client.query("rollback");
      client.release();
    }
  }
});

function assertFound({ findings }: Verification, finding: RegExp): void {
  const found = findings.map(({ place, what }) => `${place}: ${what}`);
  assert.ok(found.some((text) => finding.test(text)), `found ${JSON.stringify(found)}`);
}

function entryOf(i: number): AuditEntry {
  return {
    action: "penduduk.baca",
    outcome: i % 2 === 0 ? "success" : "failure",
    actor: { kind: "user", id: `petugas-${i}`, roles: ["petugas"] },
    target: `2026-11:${sha256(String(i))}`,
    traceId: sha256(String(i)).slice(0, 32),
    durationMs: 1,
  };
}
