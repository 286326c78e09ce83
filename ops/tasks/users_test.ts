import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { type ServedRealm, serveEmbedded } from "../../tests/contract/user_directory_realm.ts";
import configuration from "../../deno.json" with { type: "json" };

describe("deno task users, as a process with its own permissions", () => {
  let realm: ServedRealm;
  let folder: string;
  before(async () => {
    realm = await serveEmbedded();
    folder = await Deno.makeTempDir();
  });
  after(async () => {
    await realm.close();
    await Deno.remove(folder, { recursive: true });
  });

  it("makes a user, shows the password on standard output alone, and writes it into no file", async () => {
    const args = ["create", "proses", "--nama", "Proses", "--roles", "warga", "--actor", "ayu"];
    const { code, stdout, stderr } = await users(args);
    assert.equal(stderr, "");
    assert.equal(code, 0);
    const password = stdout.match(/: (\w{20})\n$/)?.[1];
    assert(password, "no password was shown");
    const audit = join(folder, "audit");
    const [file = ""] = Array.from(Deno.readDirSync(audit), ({ name }) => join(audit, name));
    const text = await Deno.readTextFile(file);
    assert.match(text, /"event.action":"user.create".*"user.id":"ayu"/);
    assert(!text.includes(password));
  });

  it("reads a password from standard input", async () => {
    const reset = ["reset", "proses", "--password-stdin"];
    const { code, stdout } = await users(reset, { input: "kata-sandi-lewat-pipa\nbaris kedua\n" });
    assert.equal(code, 0);
    assert.equal(stdout, 'Gave "proses" a new password, and signed out\n');
    const nothing = await users(reset, { input: "" });
    assert.deepEqual([nothing.code, nothing.stderr], [1, "Standard input holds no password\n"]);
  });

  it("tells by the exit code what went wrong", async () => {
    const cases = [
      [["hapus", "x"], {}, 2, /^Command "hapus" is unknown/],
      [["list"], { APP_ENV: "production" }, 2, /GOV_AUTH_ADMIN_SECRET must not be the development secret/],
      [["list"], { KEYCLOAK_URL: "http://127.0.0.1:1" }, 3, /does not answer/],
      [["import", join(folder, "tidak-ada.csv")], {}, 1, /^Cannot read ".*" \(ENOENT\)/],
    ] as const;
    const ended = await Promise.all(cases.map(([args, env]) => users(args, { env })));
    for (const [i, [, , code, sentence]] of cases.entries()) {
      assert.match(ended[i]?.stderr ?? "", sentence);
      assert.equal(ended[i]?.code, code);
    }
  });

  async function users(args: readonly string[], { input = "", env = {} }: Run = {}) {
    const [program, ...options] = configuration.tasks.users.command.split(" ");
    assert.equal(program, "deno");
    const command = new Deno.Command(Deno.execPath(), {
      args: [...options, ...args],
      env: {
        KEYCLOAK_URL: realm.url,
        GOV_AUTH_ADMIN_SECRET: realm.secret("GOV_AUTH_ADMIN_SECRET"),
        AUDIT_FILE: join(folder, "audit/audit.jsonl"),
        ...env,
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    });
    const process = command.spawn();
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
    const { code, stdout, stderr } = await process.output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  }
});

interface Run {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}
