import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { openEmbeddedSmsLedger } from "../../shared/adapters/embedded/sms/ledger.ts";
import { parseTelepon, smsId } from "../../shared/ports/sms.ts";
import { generateKeys, type KeyRing, parseKeys } from "../../shared/security/key_ring.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { PENDUDUK, TELEPON } from "../fixtures.ts";
import { smsLedgerContract } from "./sms_ledger_contract.ts";

smsLedgerContract("embedded PostgreSQL", async () => {
  const database = await openTestDatabase();
  const { columns } = parseKeys(generateKeys(new Date()));
  return {
    open: (options) => openEmbeddedSmsLedger(database.as("notification"), columns, options),
    close: () => database.drop(),
  };
});

describe("The SMS ledger in embedded PostgreSQL, looked at from outside", () => {
  let database: TestDatabase;
  const older = parseKeys(generateKeys(new Date("2026-01-01"))).columns;
  const newer = parseKeys(generateKeys(new Date("2026-02-01"))).columns;
  const both: KeyRing = { active: newer.active, keys: new Map([...older.keys, ...newer.keys]) };
  const body = `Pendaftaran Baru: ${PENDUDUK[1].nama} dari Aceh`;
  const message = (eventId: string) => ({
    id: smsId(eventId, "default"),
    eventId,
    to: parseTelepon(TELEPON[1]) ?? assert.fail(),
    body,
  });

  before(async () => {
    database = await openTestDatabase();
  });
  after(async () => await database.drop());

  it("holds neither recipient nor text in clear", async () => {
    const ledger = await openEmbeddedSmsLedger(database.as("notification"), both);
    await ledger.claim(message("clear"), new AbortController().signal);
    const { rows } = await database.pool.query("select t::text as row, personal from sms_ledger as t");
    assert.equal(rows.length, 1);
    for (const secret of [TELEPON[1].slice(1), PENDUDUK[1].nama]) {
      assert.ok(!rows[0].row.includes(secret));
      assert.ok(!rows[0].personal.includes(secret));
    }
  });

  it("reads what was written under a retired key, and reports what it has no key for without failing", async () => {
    const before = await openEmbeddedSmsLedger(database.as("notification"), older, { leaseMs: 0 });
    await before.claim(message("old"), new AbortController().signal);
    const rotated = await openEmbeddedSmsLedger(database.as("notification"), both, { leaseMs: 0 });
    await rotated.claim(message("new"), new AbortController().signal);
    const texts = async (ring: KeyRing) => {
      const entries = await (await openEmbeddedSmsLedger(database.as("notification"), ring)).recent(2);
      return entries.map((entry) => [entry.eventId, entry.body]);
    };
    assert.deepEqual(await texts(both), [["new", body], ["old", body]]);
    assert.deepEqual(await texts(newer), [["new", body]]);
    const taken = await (await openEmbeddedSmsLedger(database.as("notification"), newer)).takeOver(10);
    assert.deepEqual(taken.map(({ eventId }) => eventId), ["new"]);
  });
});
