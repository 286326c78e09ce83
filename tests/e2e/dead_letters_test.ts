import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openEmbeddedEventLog } from "../../shared/adapters/embedded/event_log/event_log.ts";
import { readLetters } from "../../shared/dead_letters/letters.ts";
import type { EventLog, EventRecord } from "../../shared/ports/event_log.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { eventually, freePort, startProcess, type TestProcess, waitUntilReady } from "./process.ts";

describe("deno task dlq beside a running system", () => {
  let database: TestDatabase;
  let system: TestProcess;
  let eventLog: EventLog;
  let env: Record<string, string>;
  let metrics = "";

  before(async () => {
    database = await openTestDatabase();
    const [port, dataDir] = [await freePort(), await Deno.makeTempDir()];
    env = { PORT: String(port), DATA_DIR: dataDir, DATABASE_URL: database.url, AUDIT_SINKS: "table" };
    metrics = `http://127.0.0.1:${port}/metrics`;
    system = startProcess("ops/tasks/dev.ts", { env });
    await waitUntilReady(`http://127.0.0.1:${port}/readyz`, system);
    eventLog = await openEmbeddedEventLog({ url: database.urlAs("event_log") });
  });
  after(async () => {
    await eventLog.close();
    await system.stop();
    await database.drop();
    await Deno.remove(env["DATA_DIR"] ?? "", { recursive: true });
  });

  async function dlq(...args: readonly string[]) {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "ops/tasks/dlq.ts", ...args],
      env: { ...env, NO_COLOR: "1" },
    });
    const { code, stdout, stderr } = await command.output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, rows: text(stdout).trimEnd().split("\n"), complaints: text(stderr) };
  }

  /** As `dlq list --all` finds them, but asked again and again without a process for each time. */
  async function letters(): Promise<number> {
    return (await Array.fromAsync(readLetters(eventLog, AbortSignal.timeout(5_000)))).length;
  }

  it("lists what both groups buried, replays to one of them, and leaves the rest", async () => {
    assert.deepEqual(await dlq("list"), { code: 0, rows: ["0 letters"], complaints: "" });
    await eventLog.publish("pendaftaran-events", [poison()], AbortSignal.timeout(5_000));
    await eventually("both groups have buried it", async () => await letters() === 2);
    assert.equal((await dlq("list")).rows.length, 4);
    const replayed = await dlq("replay", "--code", "UNKNOWN_TYPE", "--group", "statistics");
    assert.deepEqual([replayed.code, replayed.rows], [0, ["1 letter replayed"]]);
    await eventually("it failed again", async () => await letters() === 3);
    const { rows: [, ...rows] } = await dlq("list", "--all");
    assert.deepEqual(rows.slice(0, -1).map((row) => row.split(/ +/).slice(1, 4).join(" ")).toSorted(), [
      "open notification-group 1",
      "open statistics-group 2",
      "replayed statistics-group 1",
    ]);
    await eventually("the metrics tell", async () => {
      const text = await (await fetch(metrics)).text();
      return text.includes("\ndead_letters_open 2\n") &&
        text.includes('dead_letters_total{group="statistics-group",code="UNKNOWN_TYPE"} 2\n');
    });
  });

  it("tells wrong use from a letter that is not there", async () => {
    const wrong = await dlq("replay");
    assert.equal(wrong.code, 2);
    assert.match(wrong.complaints, /name what to replay/);
    assert.equal((await dlq("show", "9-999")).code, 1);
  });

  it("leaves an audit line of what was done", async () => {
    const { rows } = await database.pool.query<{ line: string }>("select audit::text as line from audit");
    assert.ok(rows.some(({ line }) => line.includes("dlq.replay")));
  });
});

function poison(): EventRecord {
  const event = {
    specversion: "1.0",
    id: crypto.randomUUID(),
    source: "/pendaftaran",
    type: "penduduk.pindah",
  };
  return {
    key: new TextEncoder().encode("k"),
    value: new TextEncoder().encode(JSON.stringify(event)),
    headers: [],
  };
}
