import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { openSecrets, SECRET_VARIABLES } from "./secrets.ts";

const STRONG = "k7Qd0fJx9-Lm3vTzB2";
const WEAK = "jangan-bocor";

describe("a secret of the configuration", () => {
  let folder = "";
  let logged: LogRecord[] = [];
  beforeEach(async () => {
    folder = await Deno.makeTempDir();
    logged = [];
    await configure({
      reset: true,
      sinks: { memory: (record) => logged.push(record) },
      loggers: [{ category: "kependudukan", lowestLevel: "debug", sinks: ["memory"] }, {
        category: ["logtape", "meta"],
        sinks: [],
      }],
    });
  });
  afterEach(async () => {
    await reset();
    await Deno.remove(folder, { recursive: true });
  });

  it("can be given by a file, each of them, less its last line end", async () => {
    for (const name of SECRET_VARIABLES) {
      const value = SAMPLES[name] ?? STRONG;
      for (const end of ["", "\n", "\r\n"]) {
        const path = await write(value + end);
        const { secrets, problems } = openSecrets({ [`${name}_FILE`]: path });
        assert.deepEqual(problems, []);
        assert.equal(secrets[name]?.value(), value);
      }
    }
  });

  it("is refused when it is given both ways", async () => {
    const { problems } = openSecrets({ KAFKA_PASSWORD: STRONG, KAFKA_PASSWORD_FILE: await write(STRONG) });
    assert.deepEqual(problems, ["KAFKA_PASSWORD and KAFKA_PASSWORD_FILE must not both be set"]);
  });

  it("is refused with its variable's name when its file cannot give it at the start", async () => {
    const path = join(folder, "secret");
    const cases = [
      [() => Promise.resolve(), "names a file that cannot be read (ENOENT)"],
      [() => write(""), "names a file that is empty"],
      [() => write("\n"), "names a file that is empty"],
      [() => write("x".repeat(70_000)), "names a file of more than 65536 bytes"],
      [() => write("${KAFKA_PASSWORD}"), "holds an unresolved reference"],
      [() => Deno.remove(path).then(() => Deno.mkdir(path)), "names a file that cannot be read (EISDIR)"],
    ] as const;
    for (const [spoil, sentence] of cases) {
      await spoil();
      assert.deepEqual(openSecrets({ KAFKA_PASSWORD_FILE: path }).problems, [
        `KAFKA_PASSWORD_FILE ${sentence}`,
      ]);
    }
  });

  it("follows its file when another takes its place, as Vault's agent does it", async () => {
    const path = await write("lama-lama");
    const secret = opened({ KAFKA_PASSWORD_FILE: path });
    await Deno.writeTextFile(join(folder, "baru"), "baru-baru\n");
    await Deno.rename(join(folder, "baru"), path);
    assert.deepEqual(secret.values(), ["baru-baru", "lama-lama"]);
    assert.deepEqual(logged.map(lineOf), ["KAFKA_PASSWORD has a new value"]);
  });

  it("follows its file when the folder behind a link changes, as Kubernetes does it", async () => {
    for (const [version, value] of [["..1", "satu"], ["..2", "dua"]] as const) {
      await Deno.mkdir(join(folder, version));
      await Deno.writeTextFile(join(folder, version, "password"), value);
    }
    await Deno.symlink("..1", join(folder, "..data"));
    await Deno.symlink("..data/password", join(folder, "password"));
    const secret = opened({ KAFKA_PASSWORD_FILE: join(folder, "password") });
    assert.equal(secret.value(), "satu");
    await Deno.symlink("..2", join(folder, "..data_tmp"));
    await Deno.rename(join(folder, "..data_tmp"), join(folder, "..data"));
    assert.equal(secret.value(), "dua");
  });

  it("follows its file when it is written over, even by as many bytes", async () => {
    const path = await write("satu");
    const secret = opened({ KAFKA_PASSWORD_FILE: path });
    assert.equal(secret.value(), "satu");
    await new Promise((resolve) => setTimeout(resolve, 20)); // coarser clocks of file systems
    await Deno.writeTextFile(path, "enam");
    assert.equal(secret.value(), "enam");
  });

  it("stays as it was while its file is away, empty or of no use, and says so once without a value", async () => {
    const path = await write(`postgres://petugas:${STRONG}@127.0.0.1/x`);
    const { secrets: { DATABASE_URL: secret } } = openSecrets({ DATABASE_URL_FILE: path });
    const before = secret?.value();
    for (const spoil of [() => Deno.remove(path), () => write(""), () => write(`mysql://${WEAK}`)]) {
      await spoil();
      assert.equal(secret?.value(), before);
      assert.equal(secret?.value(), before);
    }
    const after = `postgres://petugas:${STRONG}2@127.0.0.1/x`;
    await write(after);
    assert.equal(secret?.value(), after);
    assert.deepEqual(logged.map(lineOf), [
      "DATABASE_URL stays as it was: DATABASE_URL_FILE names a file that cannot be read (ENOENT)",
      "DATABASE_URL stays as it was: DATABASE_URL_FILE names a file that is empty",
      "DATABASE_URL stays as it was: DATABASE_URL_FILE must be a URL that begins with postgres:// or postgresql://",
      "DATABASE_URL has a new value",
    ]);
    assert.ok(!JSON.stringify(logged).includes(WEAK) && !JSON.stringify(logged).includes(STRONG));
  });

  it("of MongoDB may name several hosts", () => {
    const MONGODB_URI = `mongodb://statistics:${STRONG}@m-0.data:27017,m-1.data:27017/?replicaSet=m&tls=true`;
    assert.deepEqual(openSecrets({ APP_ENV: "production", MONGODB_URI }).problems, []);
    assert.deepEqual(openSecrets({ MONGODB_URI: "postgres://a" }).problems, [
      "MONGODB_URI must be a URL that begins with mongodb:// or mongodb+srv://",
    ]);
  });

  it("in a file that everybody may read is refused in production, at the start and later on", async () => {
    const path = await write(STRONG, 0o644);
    const environment = { APP_ENV: "production", KAFKA_PASSWORD_FILE: path };
    assert.deepEqual(openSecrets(environment).problems, [
      "KAFKA_PASSWORD_FILE names a file that everybody may read: chmod o= it",
    ]);
    assert.deepEqual(openSecrets({ ...environment, APP_ENV: "development" }).problems, []);
    for (const mode of [0o440, 0o400, 0o600]) {
      await Deno.chmod(path, mode);
      assert.deepEqual(openSecrets(environment).problems, []);
    }
    const secret = opened(environment);
    await Deno.remove(path);
    await write(`${STRONG}2`, 0o444);
    assert.equal(secret.value(), STRONG);
    await Deno.chmod(path, 0o440);
    assert.equal(secret.value(), `${STRONG}2`);
  });

  it("that can be guessed is refused in production, by name and without its value", () => {
    const rule = "at least 16 bytes with at least 6 different characters, made at random";
    const cases = [
      ["KAFKA_PASSWORD", WEAK, `KAFKA_PASSWORD must have ${rule}`],
      ["KAFKA_PASSWORD", "abcabcabcabcabcabc", `KAFKA_PASSWORD must have ${rule}`],
      [
        "GOV_STATISTIK_SECRET",
        "statistik-rahasia",
        "GOV_STATISTIK_SECRET must not be the development secret",
      ],
      ["UPSTASH_REDIS_REST_TOKEN", WEAK, `UPSTASH_REDIS_REST_TOKEN must have ${rule}`],
      ["TWILIO_AUTH_TOKEN", WEAK, `TWILIO_AUTH_TOKEN must have ${rule}`],
      ["REDIS_URL", `rediss://edge:${WEAK}@r`, `REDIS_URL must hold a password of ${rule}`],
      ["REDIS_URL", "rediss://r", `REDIS_URL must hold a password of ${rule}`],
      ["MONGODB_URI", `mongodb+srv://s:${WEAK}@m`, `MONGODB_URI must hold a password of ${rule}`],
      [
        "DATABASE_URL",
        `postgres://p:${WEAK}@d/x?sslmode=verify-full`,
        `DATABASE_URL must hold a password of ${rule}`,
      ],
    ] as const;
    for (const [name, value, sentence] of cases) {
      assert.deepEqual(openSecrets({ APP_ENV: "production", [name]: value }).problems, [sentence]);
      assert.deepEqual(openSecrets({ [name]: value }).problems, [], "development takes it");
    }
  });

  it("that a client certificate stands for needs no password", () => {
    const DATABASE_URL = "postgres://p@d/x?sslmode=verify-full&sslcert=/run/p.crt&sslkey=/run/p.key";
    assert.deepEqual(openSecrets({ APP_ENV: "production", DATABASE_URL }).problems, []);
  });

  it("that leads to its server in clear is refused in production, but on the same machine", () => {
    const tls = "must lead to its server over TLS:";
    const cases = [
      ["DATABASE_URL", `postgres://p:${STRONG}@HOST/x`, `${tls} end it with sslmode=verify-full`],
      [
        "DATABASE_URL",
        `postgres://p:${STRONG}@HOST/x?sslmode=require`,
        `${tls} end it with sslmode=verify-full`,
      ],
      ["MONGODB_URI", `mongodb://p:${STRONG}@HOST/x`, `${tls} end it with tls=true`],
      ["REDIS_URL", `redis://p:${STRONG}@HOST`, `${tls} begin it with rediss://`],
    ] as const;
    for (const [name, value, sentence] of cases) {
      const at = (host: string) =>
        openSecrets({ APP_ENV: "production", [name]: value.replace("HOST", host) });
      assert.deepEqual(at("server.example").problems, [`${name} ${sentence}`]);
      assert.deepEqual(at("127.0.0.1.example").problems, [`${name} ${sentence}`]);
      assert.deepEqual(at("127.0.0.1").problems, []);
    }
  });

  function opened(environment: Record<string, string>) {
    const { secrets: { KAFKA_PASSWORD }, problems } = openSecrets(environment);
    assert.deepEqual(problems, []);
    return KAFKA_PASSWORD ?? assert.fail("not opened");
  }

  async function write(text: string, mode = 0o600): Promise<string> {
    const path = join(folder, "secret");
    await Deno.writeTextFile(path, text);
    await Deno.chmod(path, mode);
    return path;
  }
});

function lineOf({ message }: LogRecord): string {
  return message.join("");
}

/** Of secrets that are more than a random text. */
const SAMPLES: Readonly<Record<string, string>> = {
  DATABASE_URL: "postgres://petugas@127.0.0.1/x",
  MONGODB_URI: "mongodb://127.0.0.1",
  REDIS_URL: "redis://127.0.0.1",
};
