import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { migrate } from "../../shared/adapters/postgres/migrate.ts";
import { openTestDatabase, type TestDatabase } from "../../tests/database.ts";
import { REGISTRY } from "../../workers/registration/migrations.ts";
import { parkInOutbox, readOutbox } from "../../workers/relay/outbox.ts";

describe("deno task outbox", () => {
  let database: TestDatabase;

  before(async () => {
    database = await openTestDatabase();
    await migrate(database.pool, REGISTRY);
    await database.pool.query(`insert into outbox (id, aggregatetype, aggregateid, type, payload)
      values (gen_random_uuid(), 'penduduk', 'a', 'penduduk.terdaftar', 'sealed')`);
    const [row] = await readOutbox(database.as("relay"), 1);
    assert.ok(row);
    await parkInOutbox(database.as("relay"), row, "MESSAGE_TOO_LARGE");
  });
  after(() => database.drop());

  it("lists what is parked and shows nothing of what it says", async () => {
    const { code, text } = await outbox("list");
    assert.equal(code, 0);
    assert.match(text, /^\d+ {2}\S+Z {2}MESSAGE_TOO_LARGE {2}penduduk\.terdaftar, 6 characters\n1 parked\n$/);
  });

  it("gives it back to the relay, and records who did", async () => {
    assert.deepEqual(await outbox("retry", "999"), { code: 0, text: "0 given back to the relay\n" });
    assert.deepEqual(await outbox("retry", "--all"), { code: 0, text: "1 given back to the relay\n" });
    assert.equal((await outbox("list")).text, "0 parked\n");
    const { rows } = await database.pool.query<{ line: string }>("select audit::text as line from audit");
    assert.equal(rows.filter(({ line }) => line.includes("outbox.retry")).length, 2);
  });

  it("tells how it is used when it is used wrongly", async () => {
    for (const args of [["retry"], ["retry", "--all", "1"]]) {
      assert.equal((await outbox(...args)).code, 2);
    }
  });

  async function outbox(...args: readonly string[]) {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--no-check", "ops/tasks/outbox.ts", ...args],
      env: { DATABASE_URL: database.url, AUDIT_SINKS: "table", NO_COLOR: "1" },
    }).output();
    return { code, text: new TextDecoder().decode(stdout) };
  }
});
