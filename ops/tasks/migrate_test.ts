import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PREPARE_ROLES } from "../../shared/adapters/postgres/roles.ts";
import { openTestDatabase, type TestDatabase } from "../../tests/database.ts";

describe("deno task migrate", () => {
  const [migrator, stranger] = [login(), login()];
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase();
    await database.pool.query(PREPARE_ROLES);
    for (const user of [migrator, stranger]) {
      await database.pool.query(`create role ${user.name} login password '${user.password}'`);
    }
    await database.pool.query(`grant kependudukan_migrator to ${migrator.name}`);
  });
  after(async () => {
    await database.drop();
    const server = await openTestDatabase();
    await server.pool.query(`drop role ${migrator.name}, ${stranger.name}`);
    await server.drop();
  });

  async function run(
    user: Login,
    ...plans: readonly string[]
  ): Promise<{ code: number; out: string; err: string }> {
    const url = new URL(database.url);
    [url.username, url.password] = [user.name, user.password];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-check",
        "--allow-env",
        "--allow-net",
        "--allow-read",
        "ops/tasks/migrate.ts",
        ...plans,
      ],
      env: { DATABASE_URL: url.href },
      signal: AbortSignal.timeout(60_000),
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, out: out ?? "", err: err ?? "" };
  }

  it("is refused for a user who may not, in one sentence that says what to do", async () => {
    const { code, out, err } = await run(stranger);
    assert.deepEqual([code, out], [1, ""]);
    assert.match(
      err,
      /^Cannot run: Database lacks step .* run `deno task migrate` with the DATABASE_URL of a user in role/,
    );
  });

  it("refuses a plan that is not kept there, and names those that are", async () => {
    const { code, err } = await run(migrator, "registry", "penduduk");
    assert.equal(code, 1);
    assert.match(
      err,
      /^Cannot run: Plan "penduduk" is not kept in this database: name some of registry, audit/,
    );
  });

  it("applies only the plans that are named", async () => {
    const { code, out, err } = await run(migrator, "audit");
    assert.equal(code, 0, err);
    assert.match(out, /^audit: applied [^\n]*\n$/);
  });

  it("applies what is new as the migrator, who need not be a superuser, and nothing the next time", async () => {
    const first = await run(migrator);
    assert.equal(first.code, 0, first.err);
    assert.match(first.out, /^registry: applied 0001_penduduk, /);
    const second = await run(migrator);
    assert.match(second.out, /^registry: up to date\n/);
    assert.doesNotMatch(second.out, /applied/);
    const { rows } = await database.pool.query<{ owner: string }>(
      "select tableowner as owner from pg_tables where tablename = 'penduduk'",
    );
    assert.deepEqual(rows, [{ owner: "kependudukan_migrator" }]);
  });
});

interface Login {
  readonly name: string;
  readonly password: string;
}

function login(): Login {
  return { name: `login_${crypto.randomUUID().replaceAll("-", "")}`, password: crypto.randomUUID() };
}
