import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Client, signIn } from "../e2e/client.ts";
import { PENDUDUK, PERSONAL } from "../fixtures.ts";
import { startSystem, type System } from "../security/system.ts";
import { type OtlpSink, type SinkSpan, startOtlpSink } from "./sink.ts";

const [FIRST] = PENDUDUK;

describe("The trace of a registration", () => {
  let sink: OtlpSink;
  let system: System;
  let petugas: Client;
  let spans: readonly SinkSpan[] = [];
  let answered = "";
  let id = "";

  before(async () => {
    sink = startOtlpSink();
    system = await startSystem({ ...sink.variables, OTEL_METRIC_EXPORT_INTERVAL: "500" });
    petugas = await signIn(system.url, "petugas");
    const answer = await petugas.post("/penduduk", FIRST);
    assert.equal(answer.status, 201);
    ({ id } = await answer.json());
    answered = answer.headers.get("traceparent") ?? "";
    spans = await sink.spansOf(traceIdOf(answer), isWhole);
  });
  after(async () => {
    await system?.stop();
    await sink?.close();
  });

  it("holds spans of every part that it passes", () => {
    assert.deepEqual(
      new Set(spans.map(({ scope }) => scope)),
      new Set([
        ...["edge", "auth", "registration", "postgresql", "relay", "event-log"],
        ...["statistics", "statistics-store", "notification", "sms-ledger", "sms"],
      ]),
    );
  });

  it("leads from the edge to the registry, the counts and the SMS", () => {
    const ways = {
      stored: wayTo("postgresql", "INSERT penduduk"),
      introspected: wayTo("auth", "POST introspect"),
      counted: wayTo("postgresql", "INSERT statistics_ledger"),
      sent: wayTo("sms", "send sms"),
    };
    const registration = ["edge POST /penduduk", "edge POST registration", "registration POST /penduduk"];
    const event = [...registration, "event-log send pendaftaran-events"];
    assert.deepEqual(ways, {
      introspected: [...registration, "auth POST introspect"],
      stored: [
        ...registration,
        "registration store penduduk",
        "registration insert batch",
        "postgresql INSERT penduduk",
      ],
      counted: [
        ...event,
        "statistics process pendaftaran-events",
        "statistics-store apply statistics",
        "statistics-store apply batch",
        "postgresql INSERT statistics_ledger",
      ],
      sent: [...event, "notification process pendaftaran-events", "sms send sms"],
    });
  });

  it("is called as its answer, its problems and its audit line call it", async () => {
    const edge = one("edge", "POST /penduduk");
    assert.equal(answered, `00-${edge.traceId}-${edge.spanId}-01`);

    const again = await petugas.post("/penduduk", FIRST);
    assert.equal((await again.json()).traceId, traceIdOf(again));
    const refused = await sink.spansOf(traceIdOf(again), isAnswered);
    assert.equal(refused.find(isRoot)?.attributes["http.response.status_code"], 409);

    const auditor = await signIn(system.url, "auditor");
    const found = await auditor.post("/audit/search", { nik: FIRST.nik, action: "penduduk.daftar" });
    assert.match(await found.text(), new RegExp(`"traceId":"${edge.traceId}"`));
  });

  it("names its spans and attributes by the semantic conventions", () => {
    const server = one("edge", "POST /penduduk");
    assert.equal(server.kind, "server");
    assert.deepEqual(server.attributes, {
      "http.request.method": "POST",
      "http.route": "/penduduk",
      "http.response.status_code": 201,
    });
    const insert = one("postgresql", "INSERT penduduk");
    assert.equal(insert.kind, "client");
    assert.deepEqual(insert.attributes, {
      "db.system.name": "postgresql",
      "db.operation.name": "INSERT",
      "db.collection.name": "penduduk",
      "db.query.summary": "INSERT penduduk",
    });
    const send = one("event-log", "send pendaftaran-events");
    assert.equal(send.kind, "producer");
    assert.deepEqual(send.links.map(({ spanId }) => spanId), [one("relay", "relay outbox").spanId]);
    const process = one("statistics", "process pendaftaran-events");
    assert.equal(process.kind, "consumer");
    const { "messaging.destination.partition.id": partition, ...attributes } = process.attributes;
    assert.match(String(partition), /^\d$/);
    assert.deepEqual(attributes, {
      "messaging.system": "postgresql",
      "messaging.destination.name": "pendaftaran-events",
      "messaging.consumer.group.name": "statistics-group",
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
    });
  });

  it("of those stored together is linked to their batch and from there to each of them", async () => {
    const answers = await Promise.all(MANY.map((penduduk) => petugas.post("/penduduk", penduduk)));
    for (const answer of answers) assert.equal(answer.status, 201, await answer.text());
    for (const answer of answers) await sink.spansOf(traceIdOf(answer), isEffected);

    const stores = new Map(named("registration", "store penduduk").map((span) => [span.spanId, span]));
    const batches = named("registration", "insert batch");
    assert.ok(batches.some(({ links }) => links.length > 1), "no two were stored together");
    for (const batch of batches) {
      const members = batch.links.map(({ spanId }) =>
        stores.get(spanId) ?? assert.fail("a link to a stranger")
      );
      assert.ok(members.some(({ spanId }) => spanId === batch.parentSpanId));
      for (const member of members) {
        assert.deepEqual(member.links.map(({ spanId }) => spanId), [batch.spanId]);
      }
    }
    const linked = new Set(batches.flatMap(({ links }) => links.map(({ spanId }) => spanId)));
    assert.deepEqual([...stores.keys()].filter((span) => !linked.has(span)), []);
  });

  it("is not recorded when the client says so", async () => {
    const client = "4bf92f3577b34da6a3ce929d0e0e4736";
    const unsampled = { traceparent: `00-${client}-00f067aa0ba902b7-00` };
    const refused = await petugas.post("/penduduk", { ...FIRST, nik: "1" }, unsampled);
    assert.match(refused.headers.get("traceparent") ?? "", new RegExp(`^00-${client}-[0-9a-f]{16}-00$`));
    assert.equal((await refused.json()).traceId, client);
    const later = await petugas.post("/penduduk", { ...FIRST, nik: "1" });
    await later.body?.cancel();
    await sink.spansOf(traceIdOf(later), isAnswered);
    assert.deepEqual(sink.spans().filter(({ traceId }) => traceId === client), []);
  });

  it("tells nothing of people, neither do the metrics and logs that go with it, whatever was asked for", async () => {
    for (const path of [`/penduduk/${id}`, `/penduduk/${FIRST.nik}`, `/${FIRST.nik}?nik=${FIRST.nik}`]) {
      const answer = await petugas.get(path);
      await answer.body?.cancel();
      await sink.spansOf(traceIdOf(answer), isAnswered);
    }
    const { sub } = JSON.parse(atob(petugas.authorization.split(".")[1] ?? ""));
    assert.equal(typeof sub, "string");
    const nik = MANY.map((penduduk) => penduduk.nik);
    const found = [...PERSONAL, ...nik, id, sub].filter((secret) =>
      sink.received().some((text) => text.includes(secret))
    );
    assert.equal(found.length, 0);
    assert.ok(sink.received().some((text) => text.includes("resourceMetrics")));
    assert.deepEqual(sink.spans().filter(({ scope }) => scope === "deno"), []);
  });

  function wayTo(scope: string, name: string): readonly string[] {
    const way: string[] = [];
    let at: SinkSpan | undefined = one(scope, name);
    while (at) {
      way.unshift(`${at.scope} ${at.name}`);
      const { parentSpanId }: SinkSpan = at;
      at = spans.find(({ spanId }) => spanId === parentSpanId);
    }
    return way;
  }

  function one(scope: string, name: string): SinkSpan {
    const found = spans.find((span) => span.scope === scope && span.name === name);
    return found ?? assert.fail(`no span "${name}" of "${scope}"`);
  }

  function named(scope: string, name: string): readonly SinkSpan[] {
    return sink.spans().filter((span) => span.scope === scope && span.name === name);
  }
});

describe("A client whose trace is not trusted", () => {
  it("decides neither that it is recorded nor what it is called", async () => {
    const sink = startOtlpSink();
    const system = await startSystem({
      ...sink.variables,
      ...{ OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" },
      TRUST_TRACEPARENT: "no",
    });
    try {
      const petugas = await signIn(system.url, "petugas");
      const client = "4bf92f3577b34da6a3ce929d0e0e4736";
      const sampled = { traceparent: `00-${client}-00f067aa0ba902b7-01` };
      const answer = await petugas.post("/penduduk", FIRST, sampled);
      assert.equal(answer.status, 201, await answer.text());
      assert.match(answer.headers.get("traceparent") ?? "", /^00-(?!4bf92f)[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    } finally {
      await system.stop();
      await sink.close();
    }
    // What a process has not sent yet, it sends when it ends.
    assert.deepEqual(sink.spans(), []);
  });
});

/** Born on the first days of one May, women by the 40 that is added to the day. */
const MANY = Array.from({ length: 20 }, (_, i) => ({ ...PENDUDUK[1], nik: `317101${41 + i}05859994` }));

const isRoot = ({ parentSpanId }: SinkSpan) => parentSpanId === undefined;
const isAnswered = (spans: readonly SinkSpan[]) => spans.some(isRoot);
const isEffected = (spans: readonly SinkSpan[]) =>
  ["statistics", "notification"].every((part) => spans.some(({ scope }) => scope === part));
/** Of what is done alone, and not in a batch with others. */
const isWhole = (spans: readonly SinkSpan[]) =>
  isAnswered(spans) && isEffected(spans) && spans.some(({ scope }) => scope === "relay");

function traceIdOf(answer: Response): string {
  return answer.headers.get("traceparent")?.split("-")[1] ?? "";
}
