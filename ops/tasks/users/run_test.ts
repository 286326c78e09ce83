import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openUserDirectory } from "../../../shared/adapters/keycloak/user_directory.ts";
import type { AuditEntry } from "../../../shared/ports/audit.ts";
import { RealmClient } from "../../../tests/contract/identity_client.ts";
import { username } from "../../../tests/contract/user_directory_contract.ts";
import { type ServedRealm, serveEmbedded } from "../../../tests/contract/user_directory_realm.ts";
import { parseOptions } from "./options.ts";
import { run } from "./run.ts";
import type { World } from "./world.ts";

const HEADER = "username,nama,email,roles,provinsi";

describe("deno task users", () => {
  let realm: ServedRealm;
  let client: RealmClient;
  let world: World;
  let said: string[];
  let complained: string[];
  let audited: AuditEntry[];
  let files: Record<string, string>;
  let stdin: string;
  let stop: AbortController;
  const signal = AbortSignal.timeout(60_000);

  before(async () => {
    realm = await serveEmbedded();
    client = new RealmClient(realm, undefined);
  });
  after(() => realm.close());

  beforeEach(() => {
    [said, complained, audited, files, stdin] = [[], [], [], {}, ""];
    stop = new AbortController();
    world = {
      directory: openUserDirectory({ ...realm, client: client.clientOf("auth-admin") }),
      audit: { record: (entry) => Promise.resolve(void audited.push(entry)) },
      actor: { kind: "operator", id: "ayu" },
      dryRun: false,
      say: (line) => void said.push(line),
      complain: (line) => void complained.push(line),
      readPassword: () => Promise.resolve(stdin),
      readFile: (path) => Promise.resolve(new TextEncoder().encode(files[path])),
      createFile(path) {
        files[path] = "";
        return Promise.resolve({
          append: (line) => Promise.resolve(void (files[path] += `${line}\n`)),
          [Symbol.asyncDispose]: () => Promise.resolve(),
        });
      },
      stop: stop.signal,
    };
  });

  it("makes an officer and shows the password once, with which the officer signs in", async () => {
    assert.equal(await users("create", "cahya", ...NEW_OFFICER), 0);
    assert.equal(said[0], 'Created "cahya" (petugas in Jawa Barat)');
    const password = said[1]?.match(/^Password, shown this once: ([A-Za-z2-9]{20})$/)?.[1] ?? "";
    assert.equal((await signIn("cahya", password)).kind, "granted");
    assert.equal([...said, ...complained].join("\n").split(password).length, 2, "shown more than once");
    const { id } = await found("cahya");
    assert.deepEqual(audited, [{
      action: "user.create",
      actor: world.actor,
      outcome: "success",
      reason: undefined,
      record: id,
    }]);
  });

  it("takes a password from standard input and never shows it", async () => {
    stdin = "kata-sandi-dari-luar";
    assert.equal(await users("create", "dewi", ...NEW_OFFICER, "--password-stdin"), 0);
    assert.equal((await signIn("dewi", stdin)).kind, "granted");
    assert.doesNotMatch([...said, ...complained, JSON.stringify(audited)].join("\n"), /kata-sandi-dari-luar/);
    stdin = "terlalu-pen";
    assert.equal(await users("reset", "dewi", "--password-stdin"), 1);
    assert.match(complained[0] ?? "", /against the realm's policy: at least 12 characters/);
    assert.equal((await signIn("dewi", "kata-sandi-dari-luar")).kind, "granted", "the one before stays");
  });

  it("changes nothing and audits nothing in a dry run", async () => {
    await users("create", "eka", ...NEW_OFFICER);
    const before = await found("eka");
    const { access_token } = await signedIn("eka", passwordSaid());
    audited = [];
    world = { ...world, dryRun: true };
    files["baru.csv"] = `${HEADER}\nbaru-sekali,Baru,,warga,\neka,Eka,,admin,\n`;
    const commands = [
      ["create", "fajar", ...NEW_OFFICER],
      ["disable", "eka"],
      ["roles", "eka", "admin"],
      ["reset", "eka"],
      ["import", "baru.csv", "--passwords", "rahasia.csv"],
    ];
    for (const command of commands) assert.equal(await users(...command), 0, command.join(" "));
    assert.deepEqual(said.slice(2), [
      'Would create "fajar" (petugas in Jawa Barat)',
      'Would disable and sign out "eka"',
      'Would make "eka" (petugas in Jawa Barat) admin, and sign out',
      'Would give a new password to, and sign out, "eka"',
      "Would be: 1 created, 1 updated, 0 unchanged, 0 failed",
    ]);
    assert.deepEqual(await found("eka"), before);
    assert.equal((await client.open().introspect(access_token, signal)).kind, "verified");
    for (const name of ["fajar", "baru-sekali"]) {
      assert.equal(await world.directory.find(username(name)), undefined);
    }
    assert.deepEqual(audited, []);
    assert.equal(files["rahasia.csv"], undefined);
  });

  it("signs out at once whom it disables, changes the roles of or resets", async () => {
    await users("create", "gita", ...NEW_OFFICER);
    let password = passwordSaid();
    for (const command of [["disable", "gita"], ["roles", "gita", "warga"], ["reset", "gita"]]) {
      const tokens = await signedIn("gita", password);
      assert.equal(await users(...command), 0);
      const introspected = await client.open().introspect(tokens.access_token, signal);
      assert.deepEqual(introspected, { kind: "rejected", reason: "inactive" }, command.join(" "));
      assert.equal((await client.open().refresh(tokens.refresh_token, signal)).kind, "rejected");
      if (command[0] === "reset") password = passwordSaid();
      else await users("enable", "gita");
      const later = await client.open().refresh(tokens.refresh_token, signal);
      assert.equal(later.kind, "rejected", "the session came back");
    }
    assert.deepEqual(audited.map(({ action, outcome }) => `${action} ${outcome}`), [
      "user.create success",
      "user.disable success",
      "user.enable success",
      "user.roles success",
      "user.enable success",
      "user.reset success",
    ]);
  });

  it("keeps an officer's province when only other roles come, and asks for it when there is none", async () => {
    await users("create", "hadi", ...NEW_OFFICER);
    assert.equal(await users("roles", "hadi", "petugas,auditor"), 0);
    assert.equal((await found("hadi")).provinsi, "32");
    assert.equal(await users("roles", "hadi", "auditor"), 0);
    assert.equal((await found("hadi")).provinsi, undefined);
    assert.equal(await users("roles", "hadi", "petugas"), 1);
    assert.match(complained.at(-1) ?? "", /"provinsi" is missing/);
    assert.deepEqual([...(await found("hadi")).roles], ["auditor"]);
    assert.equal(await users("roles", "hadi", "petugas", "--provinsi", "semua"), 0);
    assert.equal((await found("hadi")).provinsi, undefined);
  });

  it("says that a user is unknown or there already, with exit code 1, and audits the attempt", async () => {
    assert.equal(await users("disable", "entah-siapa"), 1);
    assert.equal(complained[0], 'User "entah-siapa" is unknown: `deno task users list` shows all');
    assert.equal(await users("create", "petugas", ...NEW_OFFICER), 1);
    assert.match(complained[1] ?? "", /^Another user has this name/);
    const outcomes = audited.map(({ action, outcome, reason }) => `${action} ${outcome} ${reason}`);
    assert.deepEqual(outcomes, ["user.disable failure NOT_FOUND", "user.create failure INVALID_INPUT"]);
  });

  it("ends with exit code 3 when the provider is away or refuses us, and does not call that done", async () => {
    const away = { ...realm, url: "http://127.0.0.1:1", client: client.clientOf("auth-admin") };
    world = { ...world, directory: openUserDirectory(away) };
    assert.equal(await users("disable", "warga"), 3);
    assert.match(complained[0] ?? "", /does not answer: start it/);
    const refused = { ...realm, client: { id: "auth-admin", secret: "salah" } };
    world = { ...world, directory: openUserDirectory(refused) };
    assert.equal(await users("list"), 3);
    assert.match(complained[1] ?? "", /refuses the client "auth-admin": check GOV_AUTH_ADMIN_SECRET/);
    const outcomes = audited.map(({ outcome, reason }) => `${outcome} ${reason}`);
    assert.deepEqual(outcomes, ["unknown IDENTITY_UNAVAILABLE", "failure FORBIDDEN"]);
  });

  it("lists names, states, roles and provinces, and no person's name or address", async () => {
    await users("create", "indah", ...NEW_OFFICER, "--email", "indah@contoh.go.id");
    said = [];
    assert.equal(await users("list"), 0);
    assert(said.includes("indah                    enabled  petugas in Jawa Barat"));
    assert.doesNotMatch(said.join("\n"), /contoh\.go\.id|Nama Contoh|service-account/);
    said = [];
    assert.equal(await users("list", "--json"), 0);
    const listed = said.map((line) => JSON.parse(line)).find((user) => user.username === "indah");
    assert.deepEqual({ ...listed, id: "" }, {
      id: "",
      username: "indah",
      enabled: true,
      roles: ["petugas"],
      provinsi: "32",
    });
  });

  describe("import", () => {
    it("does nothing at all when one row is bad, and names each with its reason", async () => {
      files["a.csv"] = `${HEADER}\nimpor-baik,Baik,,warga,\nimpor-buruk,Buruk,,raja,\n`;
      assert.equal(await users("import", "a.csv"), 1);
      assert.match(complained[0] ?? "", /^Line 3: "roles" takes one or several/);
      assert.match(complained[1] ?? "", /^Nothing was done: 1 of 2 rows are bad/);
      assert.equal(await world.directory.find(username("impor-baik")), undefined);
      assert.equal(await users("import", "a.csv", "--skip-bad"), 1, "not all was done");
      assert.deepEqual((await found("impor-baik")).roles, new Set(["warga"]));
    });

    it("may come again: who is there is updated or left, and keeps password and state", async () => {
      await users("create", "joko", ...NEW_OFFICER);
      const password = passwordSaid();
      await users("disable", "joko");
      files["b.csv"] =
        `${HEADER}\njoko,Joko Lain,joko@contoh.go.id,petugas auditor,Bali\nkiki,Kiki,,warga,\n`;
      said = [];
      assert.equal(await users("import", "b.csv"), 0);
      assert.equal(said[0], "1 created, 1 updated, 0 unchanged, 0 failed");
      const { nama, provinsi, enabled } = await found("joko");
      assert.deepEqual({ nama, provinsi, enabled }, { nama: "Joko Lain", provinsi: "51", enabled: false });
      await users("enable", "joko");
      await signedIn("joko", password);
      assert.equal(await users("import", "b.csv"), 0);
      assert.equal(said.at(-1), "0 created, 0 updated, 2 unchanged, 0 failed");
    });

    it("signs out an officer whom it moves to another province", async () => {
      await users("create", "lina", ...NEW_OFFICER);
      const { access_token } = await signedIn("lina", passwordSaid());
      files["c.csv"] = `${HEADER}\nlina,Lina,,petugas,Aceh\n`;
      assert.equal(await users("import", "c.csv"), 0);
      assert.equal((await client.open().introspect(access_token, signal)).kind, "rejected");
    });

    it("writes the passwords of new users, and of these alone, into a file", async () => {
      await users("create", "maya", ...NEW_OFFICER);
      files["d.csv"] = `${HEADER}\nmaya,Maya,,petugas,32\nnanda,Nanda,,warga,\n`;
      assert.equal(await users("import", "d.csv", "--passwords", "rahasia.csv"), 0);
      const [header, line = "", end] = (files["rahasia.csv"] ?? "").split("\n");
      assert.deepEqual([header, end], ["username,password", ""]);
      const [name = "", password = ""] = line.split(",");
      assert.equal(name, "nanda");
      await signedIn("nanda", password);
      assert.doesNotMatch([...said, ...complained].join("\n"), new RegExp(password));
    });

    it("names the line of a row that the provider refuses, goes on, and exits with 1", async () => {
      files["e.csv"] = `${HEADER}\noki,Oki,admin@example.invalid,warga,\nputra,Putra,,warga,\n`;
      assert.equal(await users("import", "e.csv"), 1);
      assert.equal(complained[0], "Line 2: email is another user's");
      assert.equal(said.at(-1), "1 created, 0 updated, 0 unchanged, 1 failed");
      assert.deepEqual(audited.map(({ outcome }) => outcome).toSorted(), ["failure", "success"]);
    });

    it("stops when told, says how many rows are left, and goes on the next time", async () => {
      const rows = Array.from({ length: 40 }, (_, i) => `henti-${i},Henti,,warga,`);
      files["f.csv"] = [HEADER, ...rows, ""].join("\n");
      const { audit } = world;
      const stopping = {
        record: (entry: AuditEntry) => {
          stop.abort();
          return audit.record(entry);
        },
      };
      world = { ...world, audit: stopping };
      assert.equal(await users("import", "f.csv"), 1);
      const left = Number(complained.at(-1)?.match(/^Stopped: (\d+) rows are left/)?.[1]);
      assert(left >= 40 - 16 && left < 40, `${left} are left`);
      world = { ...world, audit, stop: new AbortController().signal };
      assert.equal(await users("import", "f.csv"), 0);
      assert.equal(said.at(-1), `${left} created, 0 updated, ${40 - left} unchanged, 0 failed`);
    });

    it("ends with exit code 3 when the provider goes away in the middle, saying what was done", async () => {
      const rows = Array.from({ length: 40 }, (_, i) => `putus-${i},Putus,,warga,`);
      files["g.csv"] = [HEADER, ...rows, ""].join("\n");
      const away = openUserDirectory({
        ...realm,
        url: "http://127.0.0.1:1",
        client: client.clientOf("auth-admin"),
      });
      let asked = 0;
      const { directory } = world;
      const going = {
        ...directory,
        find: (name: Parameters<typeof directory.find>[0]) => (++asked > 20 ? away : directory).find(name),
      };
      world = { ...world, directory: going };
      assert.equal(await users("import", "g.csv"), 3);
      assert.match(complained[0] ?? "", /^\d+ created, 0 updated, 0 unchanged, 0 failed before it ended/);
      assert.match(complained[1] ?? "", /does not answer/);
    });
  });

  async function users(...args: readonly string[]): Promise<number> {
    const parsed = parseOptions(args);
    assert(parsed.kind === "command", parsed.kind === "wrong" ? parsed.sentence : "help");
    return await run(parsed.command, world);
  }

  function signIn(username: string, password: string) {
    return client.open().passwordGrant({ username, password }, signal);
  }

  async function signedIn(username: string, password: string) {
    const grant = await signIn(username, password);
    assert(grant.kind === "granted", `"${username}" could not sign in`);
    return grant.tokens;
  }

  async function found(name: string) {
    const user = await world.directory.find(username(name));
    assert(user, `"${name}" was not found`);
    return user;
  }

  const passwordSaid = () => said.findLast((line) => line.startsWith("Password"))?.split(": ")[1] ?? "";
});

const NEW_OFFICER = ["--nama", "Nama Contoh", "--roles", "petugas", "--provinsi", "32"];
