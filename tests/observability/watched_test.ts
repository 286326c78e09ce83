import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { freshSeed } from "../../ops/tasks/simulate/random.ts";
import { PROVINSI } from "../../shared/penduduk/provinsi.ts";
import { eventually } from "../e2e/process.ts";
import { untilDrained } from "../faults/progress.ts";
import { type Evidence, inLogs, inMetrics, inTraces } from "./evidence.ts";
import { PersonalSearch } from "./personal_search.ts";
import { sendSpan } from "./send_span.ts";
import { drawTree, systemsOf } from "./trace_tree.ts";
import { type Traffic, traffic } from "./traffic.ts";
import { startWatchedSystem, type WatchedSystem } from "./watched_system.ts";

describe("The whole system on real servers, watched", () => {
  const running = new AsyncDisposableStack();
  let watched: WatchedSystem;
  let day: Traffic;
  let search: PersonalSearch;

  before(async () => {
    const folder = await Deno.makeTempDir({ prefix: "observability-" });
    running.defer(() => Deno.remove(folder, { recursive: true }));
    running.defer(() => cp(join(folder, "logs"), LOGS, { recursive: true }));
    watched = running.use(await startWatchedSystem(folder, interruption()));
    day = await traffic(watched.system.part("edge").url, freshSeed(Date.now()));
    const phones = await officersPhones(watched);
    search = new PersonalSearch([...day.values, ...phones]);
    const drained = await untilDrained(watched.system.onlooker, 60_000);
    assert.ok(drained !== undefined, "Something is still under way");
    print(`${day.requests} requests about ${day.people} people`);
  });
  after(() => running.disposeAsync());

  /** Told to end, the tests end what they started: nobody else would. */
  function interruption(): AbortSignal {
    const interrupted = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, async () => {
        interrupted.abort();
        await running.disposeAsync();
        Deno.exit(130);
      });
    }
    return interrupted.signal;
  }

  it("shows one registration, from the edge to the SMS, in one trace", async () => {
    const { jaeger } = watched;
    const missing = async () => {
      const found = systemsOf(await jaeger.trace(day.traceId));
      return SYSTEMS.filter((name) => !found.includes(name));
    };
    try {
      await eventually("the trace is whole", async () => (await missing()).length === 0, 60_000);
    } finally {
      const spans = await jaeger.trace(day.traceId);
      const systems = systemsOf(spans);
      print(`Trace ${day.traceId} of one registration, as Jaeger has it:\n\n${drawTree(spans)}\n`);
      print(`${spans.length} spans of ${systems.length} systems: ${systems.join(", ")}`);
    }
    assert.deepEqual(await missing(), []);
  });

  it("tells nobody's data in traces, logs, audit and metrics", async () => {
    const evidence = [
      inTraces(await watched.jaeger.all()),
      ...await inLogs(watched.system.logs),
      await inMetrics(watched.system.parts),
    ];
    print(`Searched for ${search.values} values of ${day.people} people and their officers in`);
    for (const { what, texts } of evidence) print(`${String(texts.length).padStart(8)} ${what}`);
    const found = evidence.flatMap((each) => leaks(each, search));
    print(`Found ${found.length}`);
    for (const { what, texts } of evidence) assert.ok(texts.length > 0, `There are no ${what}`);
    assert.deepEqual([...new Set(found)], []);
  });

  it("would see somebody who slipped into a span", async () => {
    const [value = ""] = day.values;
    await sendSpan(watched.otlp, {
      service: "control",
      name: "GET",
      attributes: { "url.path": `/${value}` },
    });
    const { jaeger } = watched;
    await eventually("it is there", async () => (await jaeger.services()).includes("control"), 30_000);
    const found = leaks(inTraces(await jaeger.all()), search);
    assert.deepEqual(found, ["span GET of control, url.path"]);
  });
});

function leaks({ texts }: Evidence, search: PersonalSearch): readonly string[] {
  return texts.filter(({ text }) => search.lines(text).length > 0).map(({ where }) => where);
}

async function officersPhones({ system }: WatchedSystem): Promise<readonly string[]> {
  const directory = await system.onlooker.officers();
  const officers = await Promise.all(PROVINSI.map(({ kode }) => directory.of(kode)));
  // With or without the plus.
  return officers.flat().map(({ telepon }) => telepon.slice(1));
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** The parts that a registration passes, and what each of them asks. */
const SYSTEMS = [
  ...["edge", "registration", "relay", "statistics", "notification"],
  ...["keycloak", "postgresql", "kafka", "mongodb", "twilio"],
];
const LOGS = ".artifacts/observability-logs";
