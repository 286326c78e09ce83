import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { openTestDatabase, type TestDatabase } from "../../../../tests/database.ts";
import { TELEPON } from "../../../../tests/fixtures.ts";
import { parseTelepon, smsId } from "../../../ports/sms.ts";
import { generateKeys, parseKeys } from "../../../security/key_ring.ts";
import { openPool, type Pool } from "../../postgres/pool.ts";
import { openEmbeddedSmsLedger } from "./ledger.ts";

// What every ledger promises is in tests/contract/sms_ledger_contract.ts.
describe("The embedded SMS ledger", () => {
  let database: TestDatabase;
  let pool: Pool;

  before(async () => {
    database = await openTestDatabase();
    pool = openPool(database.urlAs("notification"), { max: 1, name: "sms", byIndex: true });
  });
  after(async () => {
    await pool.end();
    await database.drop();
  });

  it("settles without reading the whole ledger, however few messages there were when it began", async () => {
    const ledger = await openEmbeddedSmsLedger(pool, parseKeys(generateKeys(new Date())).columns);
    const tell = async () => {
      const eventIds = Array.from({ length: 20 }, () => crypto.randomUUID());
      const intents = eventIds.map((eventId) => ({
        id: smsId(eventId, "petugas"),
        eventId,
        to,
        body: "Uji",
      }));
      const signal = AbortSignal.timeout(5_000);
      await Promise.all(intents.map((intent) => ledger.claim(intent, signal)));
      await Promise.all(intents.map(({ id }) => ledger.settle(id, { kind: "sent", providerId: "SM1" })));
    };
    // PostgreSQL keeps a plan from the sixth time on.
    for (let i = 0; i < 7; i++) await tell();
    const before = await scans();
    await database.pool.query(MORE);
    await tell();
    assert.equal(await scans(), before);
  });

  /** How often the whole ledger was read. */
  async function scans(): Promise<number> {
    await pool.query("select pg_stat_force_next_flush()");
    const { rows } = await database.pool.query(
      "select seq_scan::int from pg_stat_user_tables where relname = 'sms_ledger'",
    );
    return rows[0].seq_scan;
  }
});

const to = parseTelepon(TELEPON[0]) ?? assert.fail();

const MORE = `
insert into sms_ledger (id, event_id, seq, key_id, personal, owner, lease_until)
select gen_random_uuid(), gen_random_uuid(), n, 'k', '', gen_random_uuid(), now() from generate_series(1, 3000) as n`;
