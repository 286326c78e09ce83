import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Resident, residents } from "../../ops/tasks/simulate/residents.ts";
import { DATABASE_ROLES, roleName } from "../../shared/adapters/postgres/roles.ts";
import { generateKeys } from "../../shared/security/key_ring.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { eventually, freePort, startProcess, type TestProcess, waitUntilReady } from "../e2e/process.ts";
import { KeycloakAdmin } from "./keycloak_admin.ts";
import { ownRealm } from "./keycloak_realm.ts";
import { variable } from "./variables.ts";

const CLIENTS = {
  "gateway": "GOV_GATEWAY_SECRET",
  "auth-service": "GOV_AUTH_SERVICE_SECRET",
  "pendaftaran-service": "GOV_PENDAFTARAN_SECRET",
} as const;

/** As a Vault with dynamic users, or a person, does it: without a restart, and never a request that fails. */
describe("under a load of registrations the running system follows", () => {
  const keycloak = new KeycloakAdmin();
  const users = [1, 2].map((nth) => `uji_${crypto.randomUUID().slice(0, 8)}_${nth}`);
  const [first = "", second = ""] = users;
  let folder = "";
  let database: TestDatabase;
  let realm: Awaited<ReturnType<typeof ownRealm>>;
  let system: TestProcess;
  let load: Load;

  before(async () => {
    folder = await Deno.makeTempDir();
    database = await openTestDatabase();
    for (const user of users) await makeUser(user, `${user}-satu`);
    realm = await ownRealm(keycloak);
    await put("DATABASE_URL", urlOf(first, `${first}-satu`));
    await put("keys.json", generateKeys(new Date("2026-10-01")));
    for (const name of Object.values(CLIENTS)) await put(name, variable(name));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    system = startProcess("ops/tasks/dev.ts", {
      env: {
        ...EMBEDDED,
        PORT: String(port),
        DATA_DIR: folder,
        DATABASE_URL_FILE: join(folder, "DATABASE_URL"),
        KEYS_FILE: join(folder, "keys.json"),
        KEYCLOAK_URL: realm.url,
        KEYCLOAK_REALM: realm.realm,
        ...Object.fromEntries(
          Object.values(CLIENTS).flatMap((name) => [[name, ""], [`${name}_FILE`, join(folder, name)]]),
        ),
        RATE_LIMIT_PER_MINUTE: "100000",
        LOGIN_LIMIT_PER_MINUTE: "100000",
      },
    });
    await waitUntilReady(`${url}/readyz`, system);
    load = new Load(url, realm.issuer);
    load.start();
    await load.takes(50);
  });
  after(async () => {
    await load?.stop();
    await system?.stop();
    await realm?.close();
    for (const user of users) await database.pool.query(`drop owned by ${user}; drop role ${user}`);
    await database.drop();
    await Deno.remove(folder, { recursive: true });
  });

  it("another user of the database, and has left the first one before it goes", async () => {
    assert.ok(await sessionsOf(first) > 0);
    await put("DATABASE_URL", urlOf(second, `${second}-satu`));
    await eventually(`${first} has no session left`, async () => await sessionsOf(first) === 0, 60_000);
    await database.pool.query(`alter role ${first} nologin`);
    assert.ok(await sessionsOf(second) > 0);
    await load.takes(50);
  });

  it("a new password of the database that the server learns first", async () => {
    await database.pool.query(`alter role ${second} password '${second}-dua'`);
    await put("DATABASE_URL", urlOf(second, `${second}-dua`));
    await load.takes(50);
  });

  it("a new password of the database that the server learns last", async () => {
    await put("DATABASE_URL", urlOf(second, `${second}-tiga`));
    await load.takes(50);
    await database.pool.query(`alter role ${second} password '${second}-tiga'`);
    await load.takes(50);
  });

  for (const [client, name] of Object.entries(CLIENTS)) {
    it(`a new secret of the client ${client}`, async () => {
      const { json } = await keycloak.ask(`/${realm.realm}/clients?clientId=${client}`);
      const [{ id }] = JSON.parse(JSON.stringify(json));
      const secret = await keycloak.ask(`/${realm.realm}/clients/${id}/client-secret`, { method: "POST" });
      await put(name, String(Reflect.get(Object(secret.json), "value")));
      await load.logsIn(4);
      await load.takes(50);
    });
  }

  it("a new encryption key", async () => {
    const keys = JSON.parse(await Deno.readTextFile(join(folder, "keys.json")));
    const { columns: added } = JSON.parse(generateKeys(new Date("2026-11-01")));
    keys.columns = { active: "2026-10", keys: { ...keys.columns.keys, ...added.keys } };
    await put("keys.json", JSON.stringify(keys));
    await new Promise((resolve) => setTimeout(resolve, 6_000)); // every process knows the key before it is used
    keys.columns.active = "2026-11";
    await put("keys.json", JSON.stringify(keys));
    await eventually("rows are encrypted under it", async () => {
      const { rows } = await database.pool.query("select distinct key_id from penduduk");
      return rows.some(({ key_id }) => key_id === "2026-11");
    });
    await load.takes(50);
  });

  it("and no request failed", async () => {
    await load.stop();
    assert.deepEqual(load.failures, []);
    const { rows: [{ count }] } = await database.pool.query("select count(*)::int from penduduk");
    assert.equal(count, load.taken);
  });

  async function makeUser(user: string, password: string): Promise<void> {
    const roles = DATABASE_ROLES.map(roleName).join(", ");
    for (const role of DATABASE_ROLES) {
      await database.pool.query(
        `do $$ begin create role ${
          roleName(role)
        } nologin; exception when duplicate_object then null; end $$`,
      );
    }
    await database.pool.query(`create role ${user} login password '${password}'`);
    await database.pool.query(`grant ${roles} to ${user}`);
    const { rows: [{ name }] } = await database.pool.query("select current_database() as name");
    await database.pool.query(
      `grant connect, create on database ${name} to ${user}, ${roleName("migrator")}`,
    );
    await database.pool.query(`grant create on schema public to ${roleName("migrator")}`);
  }

  /** By rename, as Vault's agent does it. */
  async function put(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(join(folder, `${name}.new`), text, { mode: 0o600 });
    await Deno.rename(join(folder, `${name}.new`), join(folder, name));
  }

  function urlOf(user: string, password: string): string {
    return Object.assign(new URL(database.url), { username: user, password }).href;
  }

  async function sessionsOf(user: string): Promise<number> {
    const { rows: [{ count }] } = await database.pool.query(
      "select count(*)::int from pg_stat_activity where usename = $1",
      [user],
    );
    return count;
  }
});

/** Registers without a pause on some lanes, and logs in on another, since a token is asked about only once in a while. */
class Load {
  readonly failures: string[] = [];
  taken = 0;
  #loggedIn = 0;
  #token = "";
  #stopping = false;
  #lanes: Promise<void>[] = [];
  readonly #people = residents(Math.random);

  constructor(readonly url: string, readonly issuer: string) {}

  start(): void {
    this.#lanes = [this.#logIn(), ...Array.from({ length: LANES }, () => this.#register())];
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#lanes);
  }

  async takes(more: number): Promise<void> {
    const enough = this.taken + more;
    await eventually(`${more} are registered`, () => Promise.resolve(this.taken >= enough), 30_000);
  }

  async logsIn(more: number): Promise<void> {
    const enough = this.#loggedIn + more;
    await eventually(`${more} log in`, () => Promise.resolve(this.#loggedIn >= enough), 30_000);
  }

  async #logIn(): Promise<void> {
    while (!this.#stopping) {
      const login = JSON.stringify({ username: "petugas", password: "petugas-rahasia" });
      const access = await this.#post("/login", login, {});
      this.#loggedIn++;
      if (access.status !== 200) this.failures.push(`login ${access.status}`);
      const answer = await fetch(`${this.issuer}/protocol/openid-connect/token`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa(`simulasi:${variable("GOV_SIMULASI_SECRET")}`)}` },
        body: new URLSearchParams({ grant_type: "client_credentials" }),
      });
      this.#token = (await answer.json()).access_token;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async #register(): Promise<void> {
    while (!this.#stopping) {
      if (this.#token === "") await new Promise((resolve) => setTimeout(resolve, 20));
      else await this.#one(this.#people.next().value);
    }
  }

  async #one({ body }: Resident): Promise<void> {
    const answer = await this.#post("/penduduk", JSON.stringify(body), {
      authorization: `Bearer ${this.#token}`,
    });
    if (answer.status === 201) this.taken++;
    else this.failures.push(`registration ${answer.status} ${answer.code}`);
  }

  async #post(path: string, body: string, headers: Record<string, string>) {
    const response = await fetch(this.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: new Blob([body]).stream(),
    });
    const { code } = await response.json();
    return { status: response.status, code: String(code ?? "") };
  }
}

const LANES = 4;

/** The other servers are the embedded ones. */
const EMBEDDED = {
  ...{ DATABASE_URL: "", KAFKA_BROKERS: "", MONGODB_URI: "", REDIS_URL: "", TWILIO_ACCOUNT_SID: "" },
  ...{ UPSTASH_REDIS_REST_URL: "", UPSTASH_REDIS_REST_TOKEN: "", TWILIO_AUTH_TOKEN: "", LOG_LEVEL: "info" },
};
