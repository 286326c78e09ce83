import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { verifyAudit } from "../../ops/tasks/audit/verify.ts";
import { ecsLine } from "../../shared/telemetry/ecs.ts";
import { sealLines } from "../contract/audit_sink_contract.ts";
import { eventually } from "../e2e/process.ts";
import { bulkToken, startSystem, type System } from "../security/system.ts";
import { withoutStack } from "../stack/without_stack.ts";
import { type Document, type OwnElasticsearch, startOwnElasticsearch } from "./own_elasticsearch.ts";

describe("Lines in Elasticsearch", () => {
  let own: OwnElasticsearch;
  before(async () => own = await startOwnElasticsearch());
  after(() => own.stop());

  async function write(name: string, lines: readonly string[]): Promise<void> {
    await Deno.writeTextFile(join(own.lines, `${name}.jsonl`), lines.map((line) => `${line}\n`).join(""), {
      append: true,
    });
  }

  /** Those of the ids that are there, once all are. */
  async function arrived(ids: readonly string[], withinMs = 60_000): Promise<readonly Document[]> {
    let found: readonly Document[] = [];
    await eventually(`${ids.length} lines are in Elasticsearch`, async () => {
      found = await own.documents({ terms: { _id: ids } });
      return found.length >= ids.length;
    }, withinMs);
    return found;
  }

  it("are those of the audit, field by field, in a stream of their own", async () => {
    const lines = sealLines(20).map(({ line }) => line);
    await write("audit", lines.map((line) => JSON.stringify(line)));
    const documents = await arrived(lines.map((line) => line["event.id"]));
    assert.deepEqual(byId(documents), new Map(lines.map((line) => [line["event.id"], { ...line }])));
    for (const { _index } of documents) assert.match(_index, /^\.ds-logs-kependudukan\.audit-default-/);
  });

  it("are what the parts log, found by level, service, trace and label", async () => {
    const lines = [
      applicationLine({ message: "Cannot have 12 events published", traceId: TRACE }),
      applicationLine({ message: "Cannot have 12 events published" }),
      applicationLine({ message: "Member left", traceId: TRACE }),
    ];
    await write("app", lines.map(({ text }) => text));
    await arrived(lines.map(({ id }) => id));
    const filter = [
      { term: { "log.level": "warning" } },
      { term: { "service.name": "relay" } },
      { term: { "trace.id": TRACE } },
      { term: { "labels.topic": "pendaftaran-events" } },
      { term: { "labels.broker_id": "3" } },
      { match: { message: "published" } },
    ];
    const [found, ...others] = await own.documents({ bool: { filter } });
    assert.ok(found);
    assert.deepEqual(found._source, JSON.parse(lines[0]?.text ?? ""));
    assert.match(found._index, /^\.ds-logs-kependudukan\.app-default-/);
    assert.deepEqual(others, []);
  });

  it("are also the last words of a process that were no JSON", async () => {
    const word = crypto.randomUUID();
    await write("crash", [`error: Uncaught "${word}" \\ at main`]);
    await eventually("the words are found", async () => {
      const [found] = await own.documents({ match_phrase: { message: word } });
      return found?._source["message"] === `error: Uncaught "${word}" \\ at main`;
    }, 30_000);
  });

  it("do not change when they are shipped twice, alone or among new ones", async () => {
    const lines = sealLines(200).map(({ line, text }) => ({ id: line["event.id"], text }));
    const [old, added] = [lines.slice(0, 150), lines.slice(150)];
    await write("twice", old.map(({ text }) => text));
    const first = await arrived(old.map(({ id }) => id));
    await write("twice-again", old.map(({ text }) => text));
    await write("twice-among-new", lines.map(({ text }) => text));
    await arrived(added.map(({ id }) => id));
    const ids = lines.map(({ id }) => id);
    const all = await own.documents({ terms: { "event.id": ids } });
    assert.deepEqual(all.map(({ _id }) => _id).sort(), [...ids].sort());
    assert.equal(first.length, 150);
  });

  it("lack one that has a field nobody mapped, which is kept aside, and none beside it", async () => {
    const [good, bad, last] = sealLines(3).map(({ line }) => line);
    assert.ok(good && bad && last);
    await write(
      "refused",
      [good, { ...bad, "kependudukan.catatan": "x" }, last].map((line) => JSON.stringify(line)),
    );
    await arrived([good["event.id"], last["event.id"]]);
    await eventually(
      "the line is kept aside",
      async () => (await refusedLines()).includes(bad["event.id"]),
      30_000,
    );
    assert.deepEqual(await own.documents({ terms: { _id: [bad["event.id"]] } }), []);
    assert.doesNotMatch(await refusedLines(), new RegExp(`${good["event.id"]}|${last["event.id"]}`));
  });

  async function refusedLines(): Promise<string> {
    try {
      return await Deno.readTextFile(own.refused);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }

  it("wait while their index takes none, and come when it does", async () => {
    const stream = "logs-kependudukan.audit-default";
    const block = (on: boolean) =>
      own.ask(`${stream}/_settings`, { method: "PUT", body: JSON.stringify({ "index.blocks.write": on }) });
    const [line] = sealLines(1);
    assert.ok(line);
    await block(true);
    try {
      await write("blocked", [line.text]);
      await delay(2_000);
      assert.deepEqual(await own.documents({ terms: { _id: [line.line["event.id"]] } }), []);
    } finally {
      await block(false);
    }
    await arrived([line.line["event.id"]]);
    assert.doesNotMatch(await refusedLines(), new RegExp(line.line["event.id"]));
  });

  it("are all that the system audited while Elasticsearch was away and rsyslog was killed", async () => {
    const file = join(own.lines, "system.jsonl");
    const system = await startSystem({ ...await withoutStack(), AUDIT_FILE: file, LOG_LEVEL: "error" });
    try {
      const read = readerOf(system);
      await read(100);
      await own.kill("elasticsearch");
      const since = performance.now();
      await read(200);
      await own.kill("rsyslog");
      await read(200);
      await delay(Math.max(0, OUTAGE_MS - (performance.now() - since)));
      await own.start();
      await read(100);
      // The shipper is killed while it catches up, too.
      await own.kill("rsyslog");
      await own.start();
    } finally {
      await system.stop();
    }
    const { findings, copies } = await verifyAudit({
      reader: undefined,
      files: [file],
      known: [],
      now: new Date(),
    });
    assert.deepEqual(findings, []);
    const lines = (await Deno.readTextFile(file)).trim().split("\n").map((text) => JSON.parse(text));
    assert.ok(lines.length > 600 && copies[0]?.lines === lines.length, `${lines.length} lines`);
    const documents = await arrived(lines.map((line) => line["event.id"]), 120_000);
    assert.deepEqual(byId(documents), new Map(lines.map((line) => [line["event.id"], line])));
    const [writer] = lines.map((line) => line["kependudukan.chain.writer"]);
    const chain = await own.documents({ term: { "kependudukan.chain.writer": writer } });
    assert.equal(chain.length, lines.length);
  });
});

function byId(documents: readonly Document[]): ReadonlyMap<string, unknown> {
  return new Map(documents.map(({ _id, _source }) => [_id, _source]));
}

/** As the product's logger writes it. */
function applicationLine({ message, traceId }: { message: string; traceId?: string }): Line {
  const text = ecsLine({
    category: ["kependudukan", "relay"],
    level: "warning",
    message: [message],
    rawMessage: message,
    timestamp: Date.now(),
    properties: { topic: "pendaftaran-events", "broker.id": 3, ...(traceId !== undefined && { traceId }) },
  }, { name: "relay", version: "0123456789abcdef" }).trimEnd();
  const { "event.id": id } = JSON.parse(text);
  return { id, text };
}

interface Line {
  readonly id: string;
  readonly text: string;
}

/** Asks for the statistics so many times, ten at once; each question is a line of the audit. */
function readerOf(system: System): (times: number) => Promise<void> {
  const token = bulkToken(system);
  return async (times) => {
    const headers = { authorization: `Bearer ${await token}` };
    for (let i = 0; i < times; i += 10) {
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => fetch(`${system.url}/stats/32`, { headers })),
      );
      for (const answer of answers) {
        await answer.body?.cancel();
        assert.equal(answer.status, 200);
      }
    }
  };
}

const TRACE = "0af7651916cd43dd8448eb211c80319c";

/** A minute was tried too; what happens is the same from the first second that it is away. */
const OUTAGE_MS = 10_000;
