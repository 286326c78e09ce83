import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openTestDatabase, type TestDatabase } from "../../../tests/database.ts";
import { migrate, type Migration, MigrationRefused } from "./migrate.ts";

const CREATE: Migration = {
  id: "0001_create",
  sql: "create table buku (judul text); create table urutan (n int);",
};
const FILL: Migration = { id: "0002_fill", sql: "insert into urutan select count(*) from urutan" };
const EXTEND: Migration = { id: "0003_extend", sql: "alter table buku add column tahun int" };

describe("migrate", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await openTestDatabase();
  });
  afterEach(() => database.drop());

  const run = (...steps: readonly Migration[]) => migrate(database.pool, { name: "uji", steps });
  const filled = async () => (await database.pool.query("select from urutan")).rowCount;

  it("applies the steps in order, and only the new ones the next time", async () => {
    assert.deepEqual(await run(CREATE, FILL), ["0001_create", "0002_fill"]);
    assert.deepEqual(await run(CREATE, FILL, EXTEND), ["0003_extend"]);
    assert.deepEqual(await run(CREATE, FILL, EXTEND), []);
    assert.equal(await filled(), 1);
    const { rows } = await database.pool.query(
      "select name, id, length(checksum) as length, applied_at <= now() as past from schema_migration order by id",
    );
    assert.deepEqual(
      rows,
      ["0001_create", "0002_fill", "0003_extend"].map((id) => ({ name: "uji", id, length: 64, past: true })),
    );
  });

  it("applies each step once when several processes migrate at the same time", async () => {
    const runs = await Promise.all(Array.from({ length: 4 }, () => run(CREATE, FILL)));
    assert.deepEqual(runs.flat(), ["0001_create", "0002_fill"]);
    assert.equal(await filled(), 1);
  });

  it("keeps the series of different names apart", async () => {
    await run(CREATE);
    const other = { id: "0001_create", sql: "create table lain (n int)" };
    assert.deepEqual(await migrate(database.pool, { name: "lain", steps: [other] }), ["0001_create"]);
  });

  it("undoes a step that fails, keeps those before it, and goes on from there when it is mended", async () => {
    const broken = { id: "0002_fill", sql: "insert into urutan values (7); select 1 / 0" };
    await assert.rejects(run(CREATE, broken, EXTEND), { message: 'Cannot apply step "0002_fill" of "uji"' });
    assert.equal(await filled(), 0);
    assert.deepEqual(await run(CREATE, FILL, EXTEND), ["0002_fill", "0003_extend"]);
  });

  it("refuses an applied step that was changed, naming it", async () => {
    await run(CREATE);
    const changed = { ...CREATE, sql: `${CREATE.sql} -- ` };
    await refuses(run(changed, FILL), 'Step "0001_create" of "uji" was changed after it had been applied');
    assert.equal(await filled(), 0);
  });

  it("does not mind line ends of another system", async () => {
    await run({ id: "0001_create", sql: "create table buku\n(judul text)" });
    assert.deepEqual(await run({ id: "0001_create", sql: "create table buku\r\n(judul text)" }), []);
  });

  it("leaves a database that is newer than the program as it is, so that a release can be set back", async () => {
    await run(CREATE, FILL);
    assert.deepEqual(await run(CREATE), []);
    assert.deepEqual(await run(CREATE, FILL), []);
  });

  it("refuses a database of another line of programs", async () => {
    await run(CREATE, FILL);
    await refuses(
      run(CREATE, EXTEND),
      'Database has step "0002_fill" of "uji", which this program does not know',
    );
  });

  it("refuses a step that was slipped in before an applied one", async () => {
    await run(CREATE, EXTEND);
    await refuses(
      run(CREATE, FILL, EXTEND),
      'Step "0002_fill" of "uji" was added before the applied step "0003_extend"',
    );
  });

  it("refuses steps out of order, or twice the same", async () => {
    await refuses(run(FILL, CREATE), 'Steps of "uji" are not in rising order at "0001_create"');
    await refuses(run(CREATE, CREATE), 'Steps of "uji" are not in rising order at "0001_create"');
  });
});

async function refuses(call: Promise<unknown>, sentence: string): Promise<void> {
  await assert.rejects(
    call,
    (error) => error instanceof MigrationRefused && error.message.startsWith(sentence),
  );
}
