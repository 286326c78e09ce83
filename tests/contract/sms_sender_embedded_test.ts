import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { openLocalOutbox } from "../../shared/adapters/embedded/sms/local_outbox.ts";
import { parseTelepon, type Sms, smsId } from "../../shared/ports/sms.ts";
import { generateKeys, parseKeys } from "../../shared/security/key_ring.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { PENDUDUK, TELEPON } from "../fixtures.ts";
import { smsSenderContract } from "./sms_sender_contract.ts";

const { columns } = parseKeys(generateKeys(new Date()));

smsSenderContract("that keeps a local outbox", async () => {
  const database = await openTestDatabase();
  const sender = await openLocalOutbox(database.as("notification"), columns);
  return {
    sender,
    async taken() {
      const kept = await sender.recent(100_000);
      return kept.map(({ id, to, body }) => ({ id, to, body })).reverse();
    },
    close: () => database.drop(),
  };
});

describe("The local outbox", () => {
  let database: TestDatabase;
  const message = (): Sms => ({
    id: smsId(crypto.randomUUID(), "default"),
    to: parseTelepon(TELEPON[0]) ?? assert.fail(),
    body: `Pendaftaran Baru: ${PENDUDUK[0].nama} dari Aceh`,
  });

  before(async () => {
    database = await openTestDatabase();
  });
  after(async () => await database.drop());

  it("counts its messages and answers the newest first", async () => {
    const outbox = await openLocalOutbox(database.as("notification"), columns);
    const messages = [message(), message(), message()];
    for (const one of messages) await outbox.send(one, AbortSignal.timeout(10_000));
    assert.equal(await outbox.count(), 3);
    const ids = (await outbox.recent(2)).map(({ id }) => id);
    assert.deepEqual(ids, messages.toReversed().slice(0, 2).map(({ id }) => id));
  });

  it("holds neither recipient nor text in clear", async () => {
    const { rows } = await database.pool.query("select t::text as row, personal from sms_outbox as t");
    assert.ok(rows.length > 0);
    for (const { row, personal } of rows) {
      for (const secret of [TELEPON[0].slice(1), PENDUDUK[0].nama]) {
        assert.ok(!row.includes(secret) && !personal.includes(secret));
      }
    }
  });

  it("says that nobody knows when the database fails under the message", async () => {
    const outbox = await openLocalOutbox(database.as("notification"), columns);
    await database.pool.query("alter table sms_outbox rename to elsewhere");
    try {
      const result = await outbox.send(message(), AbortSignal.timeout(10_000));
      assert.deepEqual(result, { kind: "ambiguous", code: "42P01" });
      await assert.rejects(outbox.find(message(), AbortSignal.timeout(10_000)));
    } finally {
      await database.pool.query("alter table elsewhere rename to sms_outbox");
    }
  });
});
