import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { startPostgres } from "../../shared/adapters/embedded/postgres_server.ts";
import { migrate } from "../../shared/adapters/postgres/migrate.ts";
import { openPool } from "../../shared/adapters/postgres/pool.ts";
import { asRole } from "../../shared/adapters/postgres/roles.ts";
import { AUDIT } from "../../shared/adapters/postgres/audit_table.ts";
import { openSecretFile } from "../../shared/config/secret_file.ts";
import { PARTS } from "../../shared/config/config.ts";
import { generateKeys } from "../../shared/security/key_ring.ts";
import { Secret } from "../../shared/security/secret.ts";
import { REGISTRY } from "../../workers/registration/migrations.ts";
import { eventually } from "../e2e/process.ts";
import { JOBS } from "./fleet.ts";
import { pathsOf, readVault, templatesOf } from "./vault.ts";
import { startVault, type VaultServer } from "./vault_server.ts";

const HOLDERS = [...PARTS, ...JOBS.map(({ metadata }) => metadata.name)];

/** The policies, templates and statements of ops/vault on a real OpenBao, its agent and a real PostgreSQL. */
describe("a Vault set up by ops/vault", () => {
  let folder = "";
  let vault: VaultServer;
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  const tokens = new Map<string, string>();
  const keys = generateKeys(new Date());

  before(async () => {
    folder = await Deno.makeTempDir();
    postgres = await startPostgres({ dataDir: join(folder, "postgres") });
    vault = await startVault();
    await prepareDatabase();
    await vault.write("sys/mounts/kependudukan", { type: "kv", options: { version: "2" } });
    await vault.write("sys/auth/approle", { type: "approle" });
    await vault.write("kependudukan/data/encryption-keys", { data: { "keys.json": keys } });
    for (const part of HOLDERS) {
      const names = templatesOf(await readVault(`agent/${part}.hcl`))
        .filter(({ secret }) => secret === `kependudukan/data/${part}`)
        .map(({ destination }) => destination.split("/").at(-1) ?? "");
      await putSecrets(part, Object.fromEntries(names.map((name) => [name, `${part} ${name}`])));
      await vault.ask("PUT", `sys/policies/acl/${part}`, { policy: await readVault(`policies/${part}.hcl`) });
      await vault.write(`auth/approle/role/${part}`, { token_policies: part });
      tokens.set(part, await logIn(part));
    }
  });
  after(async () => {
    await vault?.stop();
    await postgres?.stop();
    await Deno.remove(folder, { recursive: true });
  });

  for (const part of HOLDERS) {
    it(`gives ${part} its own secrets and refuses those of the others`, async () => {
      const mine = pathsOf(await readVault(`policies/${part}.hcl`)).map(({ path }) => path);
      const every = new Set<string>();
      for (const other of HOLDERS) {
        for (const { path } of pathsOf(await readVault(`policies/${other}.hcl`))) every.add(path);
      }
      for (const path of every) {
        const { status } = await vault.ask("GET", path, undefined, tokens.get(part));
        assert.equal(status, mine.includes(path) ? 200 : 403, path);
      }
      for (
        const path of ["sys/policies/acl", "kependudukan/metadata?list=true", "auth/approle/role?list=true"]
      ) {
        assert.equal((await vault.ask("GET", path, undefined, tokens.get(part))).status, 403, path);
      }
      const write = await vault.ask("POST", `kependudukan/data/${part}`, { data: {} }, tokens.get(part));
      assert.equal(write.status, 403);
    });

    it(`has its agent write the files of ${part}, for its group alone`, async () => {
      await using agent = await startAgent(part, "once");
      assert.equal((await agent.ended).code, 0, agent.printed());
      for (const { destination, secret } of templatesOf(await readVault(`agent/${part}.hcl`))) {
        const file = agent.at(destination);
        const text = (await Deno.readTextFile(file)).replace(/\n$/, "");
        const name = destination.split("/").at(-1);
        if (secret.startsWith("database/")) assert.match(text, /^postgres:\/\/v-[^:]+:[^@]+@postgres-rw/);
        else assert.equal(text, name === "keys.json" ? keys.trim() : `${part} ${name}`);
        assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o440);
      }
    });
  }

  it("makes logins of PostgreSQL that have the rights of their part and no others", async () => {
    const registration = await loginOf("registration");
    const relay = await loginOf("relay");
    const reconcile = await loginOf("reconcile");
    const may = async (url: string, role: Parameters<typeof asRole>[1], statement: string) => {
      const pool = openPool(asRole(url, role), { max: 1, name: "uji" });
      try {
        await pool.query(statement);
        return true;
      } catch (error) {
        return Reflect.get(Object(error), "code") === "42501" ? false : Promise.reject(error);
      } finally {
        await pool.end();
      }
    };
    assert.ok(await may(registration, "registration", "select count(*) from penduduk"));
    assert.ok(await may(relay, "relay", "select count(*) from outbox"));
    assert.ok(!await may(relay, "relay", "select count(*) from penduduk"));
    assert.ok(await may(reconcile, "reader", "select count(*) from penduduk"));
    assert.ok(!await may(reconcile, "reader", "delete from penduduk"));
    for (
      const [url, role] of [
        ...[[registration, "relay"], [relay, "registration"], [registration, "keys"]] as const,
        [reconcile, "registration"],
      ] as const
    ) {
      assert.ok(!await may(url, role, "select 1"), role);
    }
    const pool = openPool(asRole(registration, "registration"), { max: 1, name: "uji" });
    assert.deepEqual(await migrate(pool, REGISTRY), [], "it may look whether the tables are up to date");
    await pool.end();
  });

  it("changes a secret, and the process that reads the agent's file has it without a restart", async () => {
    await using agent = await startAgent("auth", "on");
    const path = agent.at("/run/credentials/GOV_AUTH_SERVICE_SECRET");
    await eventually("the file is there", () => Deno.stat(path).then(() => true, () => false), 20_000);
    const file = { variable: "GOV_AUTH_SERVICE_SECRET", path, faultOf: () => undefined, forAll: false };
    const secret = openSecretFile(file);
    assert.ok(secret instanceof Secret);
    const [before] = secret.values();
    await putSecrets("auth", { GOV_AUTH_SERVICE_SECRET: "ganti-rahasia-2026-11" });
    await eventually(
      "it has changed",
      () => Promise.resolve(secret.value() === "ganti-rahasia-2026-11"),
      30_000,
    );
    assert.deepEqual(secret.values(), ["ganti-rahasia-2026-11", before]);
  });

  async function prepareDatabase(): Promise<void> {
    const pool = openPool(postgres.url, { max: 1, name: "uji" });
    await migrate(pool, REGISTRY);
    await migrate(pool, AUDIT);
    await pool.end();
    const { host, pathname, username, password } = new URL(postgres.url);
    await vault.write("sys/mounts/database", { type: "database" });
    await vault.write("database/config/kependudukan", {
      plugin_name: "postgresql-database-plugin",
      allowed_roles: "registration,relay,reconcile",
      connection_url: `postgresql://{{username}}:{{password}}@${host}${pathname}?sslmode=disable`,
      username,
      password: decodeURIComponent(password),
    });
    for (const part of ["registration", "relay", "reconcile"]) {
      await vault.write(`database/roles/${part}`, {
        db_name: "kependudukan",
        creation_statements: await readVault(`database/${part}.sql`),
        default_ttl: "1h",
      });
    }
  }

  async function putSecrets(part: string, data: Readonly<Record<string, string>>): Promise<void> {
    if (Object.keys(data).length > 0) await vault.write(`kependudukan/data/${part}`, { data });
  }

  async function credentialsOf(part: string): Promise<readonly [role: string, secret: string]> {
    const role = await vault.ask("GET", `auth/approle/role/${part}/role-id`);
    const secret = await vault.ask("POST", `auth/approle/role/${part}/secret-id`);
    const Answer = z.object({
      data: z.object({ role_id: z.string().optional(), secret_id: z.string().optional() }),
    });
    return [Answer.parse(role.body).data.role_id ?? "", Answer.parse(secret.body).data.secret_id ?? ""];
  }

  async function logIn(part: string): Promise<string> {
    const [role_id, secret_id] = await credentialsOf(part);
    const answer = await vault.write("auth/approle/login", { role_id, secret_id });
    return z.object({ auth: z.object({ client_token: z.string() }) }).parse(answer).auth.client_token;
  }

  async function loginOf(part: string): Promise<string> {
    const { body } = await vault.ask("GET", `database/creds/${part}`, undefined, tokens.get(part));
    const { data } = z.object({ data: z.object({ username: z.string(), password: z.string() }) }).parse(body);
    return Object.assign(new URL(postgres.url), data).href;
  }

  /** The agent with the files of ops/vault; it logs in by another method than in the cluster, and writes elsewhere. */
  async function startAgent(part: string, how: "once" | "on") {
    const root = await Deno.makeTempDir({ dir: folder });
    const [role, secret] = await credentialsOf(part);
    await Deno.writeTextFile(join(root, "role"), role);
    await Deno.writeTextFile(join(root, "secret"), secret);
    const approle =
      `method "approle" {\n    config = {\n      role_id_file_path = "${join(root, "role")}"\n` +
      `      secret_id_file_path = "${join(root, "secret")}"\n    }\n  }`;
    const own = (await readVault(`agent/${part}.hcl`))
      .replace(/method "kubernetes" \{.*?\n {2}\}/s, approle).replaceAll('"/run/', `"${root}/run/`);
    const common = (await readVault("agent/agent.hcl"))
      .replace(/vault \{.*?\n\}/s, `vault {\n  address = "${vault.address}"\n}`).replace('"10s"', '"1s"');
    await Deno.writeTextFile(join(root, "own.hcl"), own);
    await Deno.writeTextFile(join(root, "agent.hcl"), common);
    const options = how === "once" ? ["-exit-after-auth"] : [];
    const child = new Deno.Command(vault.program, {
      args: ["agent", ...options, `-config=${join(root, "agent.hcl")}`, `-config=${join(root, "own.hcl")}`],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let printed = "";
    const keep = async (stream: ReadableStream<Uint8Array>) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) printed += text;
    };
    const ended = Promise.all([child.status, keep(child.stdout), keep(child.stderr)]).then(([status]) =>
      status
    );
    return {
      ended,
      printed: () => printed,
      at: (path: string) => root + path,
      async [Symbol.asyncDispose]() {
        if (how === "on") child.kill("SIGTERM");
        await ended;
      },
    };
  }
});
