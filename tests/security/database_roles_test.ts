import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { EVENT_LOG } from "../../shared/adapters/embedded/event_log/event_log.ts";
import { SMS_LEDGER } from "../../shared/adapters/embedded/sms/ledger.ts";
import { SMS_OUTBOX } from "../../shared/adapters/embedded/sms/local_outbox.ts";
import { OFFICERS } from "../../shared/adapters/embedded/sms/officers.ts";
import { STATISTICS } from "../../shared/adapters/embedded/statistics_store/statistics_store.ts";
import { AUDIT } from "../../shared/adapters/postgres/audit_table.ts";
import { migrate, MigrationRefused } from "../../shared/adapters/postgres/migrate.ts";
import { openPool, type Pool } from "../../shared/adapters/postgres/pool.ts";
import { asRole, DATABASE_ROLES, type DatabaseRole, roleName } from "../../shared/adapters/postgres/roles.ts";
import { REGISTRY } from "../../workers/registration/migrations.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

const PLANS = [REGISTRY, AUDIT, EVENT_LOG, STATISTICS, SMS_LEDGER, SMS_OUTBOX, OFFICERS];

describe("Attacks by database roles", () => {
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase();
    for (const plan of PLANS) await migrate(database.pool, plan);
  });
  after(() => database.drop());

  for (const [role, attempts] of Object.entries(ATTEMPTS)) {
    for (const [what, sql] of Object.entries(attempts)) {
      it(`${role}: to ${what} is refused`, async () => {
        assert.ok(isRole(role));
        await assert.rejects(database.as(role).query(sql), { code: INSUFFICIENT_PRIVILEGE });
      });
    }
  }

  for (const role of DATABASE_ROLES.filter((role) => role !== "migrator")) {
    for (const [what, sql] of Object.entries(BY_ANY_ROLE)) {
      it(`${role}: to ${what} is refused`, async () => {
        await assert.rejects(database.as(role).query(sql), { code: INSUFFICIENT_PRIVILEGE });
      });
    }
  }

  it("every table has rights that somebody was given, so that none of these refusals is for lack of any", async () => {
    const { rows } = await database.pool.query<{ name: string }>(
      `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = relnamespace
      where relkind = 'r' and nspname in ('public', 'event_log') and not exists (
        select from unnest($1::text[]) as role
        where has_any_column_privilege(role, c.oid, 'select') or has_any_column_privilege(role, c.oid, 'insert')
      )`,
      [DATABASE_ROLES.filter((role) => role !== "migrator").map(roleName)],
    );
    assert.deepEqual(rows, []);
  });

  it("the migrator owns every table, and nobody else owns any", async () => {
    const { rows } = await database.pool.query<{ owner: string }>(
      `select distinct pg_get_userbyid(relowner) as owner from pg_class join pg_namespace n on n.oid = relnamespace
      where relkind in ('r', 'S', 'v') and nspname in ('public', 'event_log')`,
    );
    assert.deepEqual(rows, [{ owner: roleName("migrator") }]);
  });

  describe("by a user who logs in as a part", () => {
    const user = `login_${crypto.randomUUID().replaceAll("-", "")}`;
    const password = crypto.randomUUID();
    let pool: Pool;
    before(async () => {
      await database.pool.query(
        `create role ${user} login password '${password}' in role ${roleName("registration")}`,
      );
      const url = new URL(database.url);
      [url.username, url.password] = [user, password];
      pool = openPool(asRole(url.href, "registration"), { max: 2, name: "a part" });
    });
    after(async () => {
      await pool.end();
      await database.pool.query(`drop role ${user}`);
    });

    for (const role of DATABASE_ROLES.filter((role) => role !== "registration")) {
      it(`to become ${role} is refused`, async () => {
        await assert.rejects(pool.query(`set role ${roleName(role)}`), { code: INSUFFICIENT_PRIVILEGE });
      });
    }

    for (
      const [what, sql] of Object.entries({
        "make a role": "create role intruder superuser",
        "raise itself": `alter role ${user} superuser`,
        "read files of the server": "select pg_read_file('PG_VERSION')",
        "run a program on the server": "copy penduduk to program 'cat'",
        "end another's session":
          "select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user",
      })
    ) {
      it(`to ${what} is refused`, async () => {
        await assert.rejects(pool.query(sql), { code: INSUFFICIENT_PRIVILEGE });
      });
    }

    it("to migrate is refused with one sentence; a current database is enough to start", async () => {
      assert.deepEqual(await migrate(pool, REGISTRY), []);
      assert.deepEqual(await migrate(pool, { ...REGISTRY, steps: REGISTRY.steps.slice(0, -1) }), []);
      const next = {
        ...REGISTRY,
        steps: [...REGISTRY.steps, { id: "9999_next", sql: "drop table penduduk" }],
      };
      await assert.rejects(migrate(pool, next), (error) =>
        error instanceof MigrationRefused &&
        /lacks step "9999_next" of "registry".*run `deno task migrate`/.test(error.message));
    });

    it("to start on an empty database is refused with the same sentence", async () => {
      const empty = await openTestDatabase();
      try {
        const url = new URL(empty.url);
        [url.username, url.password] = [user, password];
        const pool = openPool(url.href, { max: 1, name: "a part" });
        await assert.rejects(migrate(pool, REGISTRY), /lacks step "0001_penduduk" of "registry"/);
        await pool.end();
      } finally {
        await empty.drop();
      }
    });
  });
});

const INSUFFICIENT_PRIVILEGE = "42501";

function isRole(text: string): text is DatabaseRole {
  return DATABASE_ROLES.some((role) => role === text);
}

const ATTEMPTS: Partial<Record<DatabaseRole, Readonly<Record<string, string>>>> = {
  registration: {
    "change a person": "update penduduk set kode_provinsi = '31'",
    "change an event that it wrote": "update outbox set payload = ''",
    "read the events": "select payload from outbox",
    "take an event back": "delete from outbox",
    "empty the registry": "truncate penduduk",
    "forget a cancellation": "delete from cancellation",
    "read the SMS": "select personal from sms_ledger",
    "read the officers": "select telepon from officer",
    "change the statistics": "update statistics_counter set jumlah = 0",
    "write into the event log": "insert into event_log.topic (name) values ('x')",
    "drop a rule": "alter table penduduk drop constraint penduduk_nik_index_key",
  },
  relay: {
    "read a person": "select nama from penduduk",
    "count the persons": "select count(*) from penduduk",
    "add an event": "insert into outbox (id, aggregatetype, aggregateid, type, payload) values " +
      "(gen_random_uuid(), 'penduduk', 'x', 'penduduk.terdaftar', '{}')",
    "change an event": "update outbox set payload = ''",
    "read the cancellations": "select * from cancellation",
    "read the SMS": "select personal from sms_ledger",
    "empty the outbox unseen": "truncate outbox",
  },
  reader: {
    "read a name": "select nama from penduduk",
    "read a NIK": "select nik from penduduk",
    "read an address": "select alamat from penduduk",
    "read by what a person is found": "select nik_index from penduduk",
    "read who registered": "select created_by from penduduk",
    "read whole rows": "select * from penduduk",
    "read the events": "select payload from outbox",
    "read idempotency keys": "select idempotency from cancellation",
    "delete a person": "delete from penduduk",
    "add an event": "insert into outbox (id, aggregatetype, aggregateid, type, payload) values " +
      "(gen_random_uuid(), 'penduduk', 'x', 'penduduk.terdaftar', '{}')",
  },
  audit_writer: {
    "read what was audited": "select line from audit",
    "change a line": "update audit set line = ''",
    "take a line out": "delete from audit",
    "empty the audit": "truncate audit",
    "read a person": "select id from penduduk",
  },
  auditor: {
    "change a line": "update audit set line = ''",
    "take a line out": "delete from audit",
    "empty the audit": "truncate audit",
    "change what a verification found": "update audit_verification set findings = '[]'",
    "take a verification out": "delete from audit_verification",
    "read a name": "select nama from penduduk",
    "read a NIK": "select nik from penduduk",
    "read by what a person is found": "select nik_index from penduduk",
    "read the events": "select seq from outbox",
    "read the SMS": "select id from sms_ledger",
    "read the officers": "select id from officer",
    "read the log": "select * from event_log.record",
  },
  keys: {
    "add a person": "insert into penduduk (id) values (gen_random_uuid())",
    "delete a person": "delete from penduduk",
    "move a person": "update penduduk set kode_provinsi = '31'",
    "change who registered": "update penduduk set created_by = 'x'",
    "delete an SMS": "delete from sms_ledger",
    "settle an SMS": "update sms_ledger set state = 'sent'",
    "delete an event": "delete from outbox",
    "write into the log": "insert into event_log.topic (name) values ('x')",
    "read who saw whom": "select line from audit",
  },
  event_log: {
    "read a person": "select nama from penduduk",
    "read the outbox": "select * from outbox",
    "change a record": "update event_log.record set value = ''",
    "drop a topic": "delete from event_log.topic",
    "read the SMS": "select * from sms_ledger",
  },
  statistics: {
    "read a person": "select nama from penduduk",
    "read the SMS": "select * from sms_ledger",
    "delete a count": "delete from statistics_counter",
    "read the log past the port": "select * from event_log.record",
  },
  notification: {
    "read a person": "select nama from penduduk",
    "change what was said": "update sms_ledger set personal = ''",
    "change what was kept": "update sms_outbox set personal = ''",
    "delete what was kept": "delete from sms_outbox",
    "move an officer to another province": "update officer set provinsi = '31'",
    "change the statistics": "update statistics_counter set jumlah = 0",
  },
};

const BY_ANY_ROLE: Readonly<Record<string, string>> = {
  "make a table": "create table intruder (n int)",
  "make a temporary table": "create temporary table intruder (n int)",
  "write into the list of migrations": "delete from schema_migration",
};
