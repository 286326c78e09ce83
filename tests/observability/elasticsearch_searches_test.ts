import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { openAuditFile } from "../../shared/adapters/file/audit_file.ts";
import type { AuditEntry, SubjectTag } from "../../shared/ports/audit.ts";
import { sha256 } from "../../shared/security/audit/sha256.ts";
import { openAuditWriter } from "../../shared/security/audit/writer.ts";
import { sealLines } from "../contract/audit_sink_contract.ts";
import { eventually } from "../e2e/process.ts";
import { type OwnElasticsearch, startOwnElasticsearch } from "./own_elasticsearch.ts";

const PERSON = tag("2026-11", "a");
/** The same person under the key of the month before. */
const PERSON_BEFORE = tag("2026-10", "b");
const OTHER = tag("2026-11", "c");
const TRACE = "ab".repeat(16);
const OTHER_TRACE = "cd".repeat(16);
const AT = "2026-11-23T08:00:00.000Z";
const LONG_AGO = "2026-10-01T08:00:00.000Z";

/** What was done, oldest first; `times` of a user in one group are one line with their count. */
const DONE: readonly (Partial<AuditEntry> & { readonly by?: string; readonly at?: string })[] = [
  { by: "reader-then", target: PERSON_BEFORE, at: LONG_AGO },
  { by: "refused-then", outcome: "failure", reason: "FORBIDDEN", action: "stats.baca", at: LONG_AGO },
  { by: "reader", target: PERSON, traceId: TRACE },
  { by: "unsure", target: PERSON, outcome: "unknown" },
  { by: "registrar", target: PERSON, action: "penduduk.daftar", traceId: TRACE },
  { by: "refused", target: PERSON, outcome: "failure", reason: "FORBIDDEN" },
  { by: "refused", action: "stats.baca", outcome: "failure", reason: "RATE_LIMITED", count: 7 },
  { by: "failed", target: PERSON, outcome: "failure", reason: "STORE_UNAVAILABLE" },
  { by: "reader-of-other", target: OTHER, traceId: OTHER_TRACE },
  { action: "stats.baca", outcome: "failure", reason: "UNAUTHENTICATED", clientAddress: "192.0.2.1" },
];

describe("The saved search of Elasticsearch", () => {
  let own: OwnElasticsearch;

  before(async () => {
    own = await startOwnElasticsearch();
    await record(join(own.lines, "audit.jsonl"));
    const line = (id: string, trace: string) =>
      JSON.stringify({
        "@timestamp": "2026-11-23T08:00:00.500Z",
        message: id,
        "event.id": id,
        "service.name": "edge",
        "trace.id": trace,
      });
    await write("app", [line("app-of-trace", TRACE), line("app-of-other", OTHER_TRACE)]);
    await untilThere(DONE.length + 2 + 2);
  });
  after(() => own.stop());

  async function write(name: string, lines: readonly string[]): Promise<void> {
    await Deno.writeTextFile(join(own.lines, `${name}.jsonl`), lines.map((line) => `${line}\n`).join(""));
  }

  async function untilThere(count: number): Promise<void> {
    await eventually(
      `${count} lines are there`,
      async () => (await own.documents({ match_all: {} })).length === count,
      60_000,
    );
  }

  it("who-saw-this-person finds who read it, under every tag, once; nobody who was refused or read others", async () => {
    const hits = await search("audit-*", "who-saw-this-person", { target: `${PERSON}","${PERSON_BEFORE}` });
    assert.deepEqual(hits.map(userOf), ["unsure", "reader", "reader-then"]);
    assert.deepEqual((await search("audit-*", "who-saw-this-person", { target: OTHER })).map(userOf), [
      "reader-of-other",
    ]);
    assert.deepEqual(await search("audit-*", "who-saw-this-person", { target: tag("2026-11", "d") }), []);
  });

  it("one-trace finds what was done and what was logged in it, in order, and nothing of another", async () => {
    const hits = await search("*", "one-trace", { trace: TRACE });
    assert.deepEqual(hits.map((hit) => userOf(hit) ?? hit["event.id"]), [
      "reader",
      "registrar",
      "app-of-trace",
    ]);
    assert.deepEqual(await search("*", "one-trace", { trace: "ef".repeat(16) }), []);
  });

  it("denials-by-user counts them, and neither failures nor what was before", async () => {
    const answer = await ask("audit-*", "denials-by-user", { since: "2026-11-01" });
    const found = Denials.parse(answer).aggregations.users.buckets.map(({ key, times, reasons }) => ({
      user: key,
      times: times.value,
      reasons: reasons.buckets.map(({ key }) => key).sort(),
    }));
    assert.deepEqual(found, [
      { user: "refused", times: 8, reasons: ["FORBIDDEN", "RATE_LIMITED"] },
      { user: "nobody", times: 1, reasons: ["UNAUTHENTICATED"] },
    ]);
    const all = Denials.parse(await ask("audit-*", "denials-by-user", { since: "2026-01-01" }));
    assert.ok(all.aggregations.users.buckets.some(({ key }) => key === "refused-then"));
  });

  it("whole-chains counts as many lines as the last one's place says, unless one is missing", async () => {
    const chains = async () => Chains.parse(await ask("audit-*", "whole-chains", { since: "2026-01-01" }));
    const whole = { lines: DONE.length + 2, first: 0, last: DONE.length + 1 };
    assert.deepEqual(chainsOf(await chains()), [whole]);
    const [, , third, , fifth] = sealLines(5);
    await write("torn", [third, fifth].map((sealed) => sealed?.text ?? ""));
    await untilThere(DONE.length + 2 + 2 + 2);
    assert.deepEqual(chainsOf(await chains()), [whole, { lines: 2, first: 2, last: 4 }]);
  });

  it("of lines shows one once that came again after a rollover, when another index takes its id", async () => {
    const before = await search("audit-*", "who-saw-this-person", { target: PERSON });
    await own.ask("logs-kependudukan.audit-default/_rollover", { method: "POST" });
    await Deno.copyFile(join(own.lines, "audit.jsonl"), join(own.lines, "again.jsonl"));
    await untilThere(2 * (DONE.length + 2) + 2 + 2);
    assert.deepEqual(await search("audit-*", "who-saw-this-person", { target: PERSON }), before);
  });

  /** As `sed` fills it in, see ops/elasticsearch/README.md. */
  async function ask(
    stream: string,
    name: string,
    values: Readonly<Record<string, string>>,
  ): Promise<unknown> {
    let body = await Deno.readTextFile(
      new URL(`../../ops/elasticsearch/searches/${name}.json`, import.meta.url),
    );
    for (const [key, value] of Object.entries(values)) body = body.replace(`{{${key}}}`, value);
    return await own.ask(`logs-kependudukan.${stream}/_search`, { method: "POST", body });
  }

  async function search(...question: Parameters<typeof ask>) {
    return Hits.parse(await ask(...question)).hits.hits.map(({ _source }) => _source);
  }
});

/** By the product's own writer, whose first and last line are of itself. */
async function record(file: string): Promise<void> {
  let now = new Date(AT);
  const sinks = [await openAuditFile(file)] as const;
  const writer = await openAuditWriter({ sinks, sha256, service: "test", now: () => now });
  for (const [i, { by, at = AT, ...entry }] of DONE.entries()) {
    now = new Date(Date.parse(at) + i);
    await writer.of("registration").record({
      action: "penduduk.baca",
      outcome: "success",
      actor: by === undefined ? { kind: "anonymous" } : { kind: "user", id: by, roles: ["petugas"] },
      ...entry,
    });
  }
  await writer.close();
}

function tag(key: string, digit: string): SubjectTag {
  return `${key}:${digit.repeat(64)}`;
}

function userOf(line: Readonly<Record<string, unknown>>): unknown {
  return line["user.id"];
}

function chainsOf({ aggregations }: z.infer<typeof Chains>) {
  return aggregations.chains.buckets.map(({ lines, first, last }) => ({
    lines: lines.value,
    first: first.value,
    last: last.value,
  }));
}

const Value = z.object({ value: z.number() });
const Chains = z.object({
  aggregations: z.object({
    chains: z.object({ buckets: z.array(z.object({ lines: Value, first: Value, last: Value })) }),
  }),
});

const Hits = z.object({
  hits: z.object({ hits: z.array(z.object({ _source: z.record(z.string(), z.unknown()) })) }),
});

const Denials = z.object({
  aggregations: z.object({
    users: z.object({
      buckets: z.array(z.object({
        key: z.string(),
        times: z.object({ value: z.number() }),
        reasons: z.object({ buckets: z.array(z.object({ key: z.string() })) }),
      })),
    }),
  }),
});
