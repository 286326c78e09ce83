import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { openAuditFile } from "../../../shared/adapters/file/audit_file.ts";
import { AUDIT, openAuditTable } from "../../../shared/adapters/postgres/audit_table.ts";
import { migrate } from "../../../shared/adapters/postgres/migrate.ts";
import { toNik } from "../../../shared/penduduk/testing.ts";
import type { AuditEntry } from "../../../shared/ports/audit.ts";
import { generateKeys, parseKeys } from "../../../shared/security/key_ring.ts";
import { sha256 } from "../../../shared/security/audit/sha256.ts";
import { subjectTag } from "../../../shared/security/audit/subject_tag.ts";
import { openAuditWriter } from "../../../shared/security/audit/writer.ts";
import { openTestDatabase, type TestDatabase } from "../../../tests/database.ts";
import { PENDUDUK } from "../../../tests/fixtures.ts";
import { REGISTRY } from "../../../workers/registration/migrations.ts";

const [UJANG, SITI] = PENDUDUK;

describe("deno task audit", () => {
  let database: TestDatabase;
  let folder = "";
  let file = "";

  before(async () => {
    database = await openTestDatabase();
    await migrate(database.pool, REGISTRY);
    await migrate(database.pool, AUDIT);
    folder = await Deno.makeTempDir();
    file = join(folder, "audit.jsonl");
    const old = generateKeys(new Date("2026-10-22"));
    const now = generateKeys(new Date("2026-11-22"));
    const { audit } = JSON.parse(now);
    const rotated = {
      ...JSON.parse(now),
      audit: { ...audit, keys: { ...audit.keys, ...JSON.parse(old).audit.keys } },
    };
    await Deno.writeTextFile(join(folder, "keys.json"), JSON.stringify(rotated), { mode: 0o600 });
    const sinks = [await openAuditFile(file), openAuditTable(database.as("audit_writer"))] as const;
    const writer = await openAuditWriter({
      sinks: [...sinks],
      sha256,
      service: "registration",
      now: () => new Date(Date.now() - 60_000),
    });
    const record = (entry: AuditEntry) => writer.of("registration").record(entry);
    const read = { action: "penduduk.baca", outcome: "success" } as const;
    const by = (id: string) => ({ kind: "user", id, roles: ["petugas"] }) as const;
    await record({
      ...read,
      actor: by("sebelum"),
      target: subjectTag(parseKeys(old).audit, toNik(UJANG.nik)),
    });
    await record({
      ...read,
      actor: by("sesudah"),
      target: subjectTag(parseKeys(now).audit, toNik(UJANG.nik)),
    });
    await record({ ...read, actor: by("lain"), target: subjectTag(parseKeys(now).audit, toNik(SITI.nik)) });
    await writer.close();
  });
  after(async () => {
    await database.drop();
    await Deno.remove(folder, { recursive: true });
  });

  it("answers who touched a person's data, also from before the key was changed, and records that it was asked", async () => {
    const { code, out } = await run(["subject", "--nik-stdin"], `${UJANG.nik}\n`);
    assert.equal(code, 0);
    assert.deepEqual(
      [...out.matchAll(/(\S+)\s+success\s+(\w+) (\S+)/g)].map(([, ...found]) => found.join(" ")),
      [
        `audit.subject operator ${await loginName()}`,
        "penduduk.baca user sesudah",
        "penduduk.baca user sebelum",
      ],
    );
    assert.ok(!out.includes(UJANG.nik));
  });

  it("tells the tags of a person under every key, today's first, and records that it was asked", async () => {
    const asked = async () =>
      (await database.pool.query("select 1 from audit where action = 'audit.subject'")).rowCount;
    const before = await asked();
    const { code, out } = await run(["tags", "--nik-stdin"], `${UJANG.nik}\n`);
    assert.equal(code, 0);
    const { rows } = await database.pool.query(
      "select distinct target from audit where actor in ('sebelum', 'sesudah') order by target desc",
    );
    assert.deepEqual(out.trimEnd().split("\n"), rows.map(({ target }) => target));
    assert.equal(rows.length, 2);
    assert.equal(await asked(), Number(before) + 1);
  });

  it("searches by actor, action and time", async () => {
    const found = async (...args: readonly string[]) =>
      (await run(["search", "--json", ...args])).out.split("\n").length - 1;
    assert.equal(await found("--actor", "lain"), 1);
    assert.equal(await found("--action", "penduduk.baca", "--since", "2026-01-01", "--limit", "2"), 2);
  });

  it("verifies with exit code 0, and with 1 and the place once a line was changed", async () => {
    const anchor = join(folder, "ends.json");
    const whole = await run(["verify", "--file", file, "--anchor", anchor]);
    assert.match(whole.out, /Nothing was altered/);
    assert.equal(whole.code, 0);
    const cut = join(folder, "cut.jsonl");
    await Deno.writeTextFile(cut, (await Deno.readTextFile(file)).replace("sesudah", "siapapun"));
    const changed = await run(["verify", "--file", cut, "--anchor", anchor]);
    assert.match(changed.out, /^cut\.jsonl:3: altered/m);
    assert.equal(changed.code, 1);
    const { rows } = await database.pool.query(
      "select line from audit where action = 'audit.verify' order by id",
    );
    assert.deepEqual(rows.map(({ line }) => JSON.parse(line)["event.outcome"]), ["success", "failure"]);
  });

  it("says what is wrong with its use, by exit code 2", async () => {
    const { code, err } = await run(["subject", UJANG.nik]);
    assert.equal(code, 2);
    assert.match(err, /^One argument is too many/);
  });

  async function loginName(): Promise<string> {
    const { rows } = await database.as("auditor").query('select session_user as "user"');
    return rows[0].user;
  }

  async function run(
    args: readonly string[],
    input = "",
  ): Promise<{ code: number; out: string; err: string }> {
    const task = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--no-check", "--quiet", "ops/tasks/audit.ts", ...args],
      env: {
        DATABASE_URL: database.url,
        KEYS_FILE: join(folder, "keys.json"),
        DATA_DIR: folder,
        NO_COLOR: "1",
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const stdin = task.stdin.getWriter();
    await stdin.write(new TextEncoder().encode(input));
    await stdin.close();
    const { code, stdout, stderr } = await task.output();
    return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
  }
});
