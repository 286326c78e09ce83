import assert from "node:assert/strict";
import { join } from "node:path";
import { migrate } from "../../../shared/adapters/postgres/migrate.ts";
import { openKeysFile } from "../../../shared/config/keys_file.ts";
import { parsePenduduk } from "../../../shared/penduduk/penduduk.ts";
import { generateKeys, type Keys } from "../../../shared/security/key_ring.ts";
import { openTestDatabase, type TestDatabase } from "../../../tests/database.ts";
import { REGISTRY } from "../../../workers/registration/migrations.ts";
import { createRegistrar, type Registrar } from "../../../workers/registration/registrar.ts";
import { openRepository, type Repository } from "../../../workers/registration/repository.ts";
import { parseOptions } from "./options.ts";
import { run } from "./run.ts";
import type { World } from "./world.ts";

/** A registry and its keys file, in which `deno task keys` runs by a clock that jumps over all waits. */
export async function openRegistry(): Promise<TestRegistry> {
  const database = await openTestDatabase();
  await migrate(database.pool, REGISTRY);
  const folder = await Deno.makeTempDir();
  const path = join(folder, "keys.json");
  await Deno.writeTextFile(path, generateKeys(new Date("2026-10-02")), { mode: 0o600 });
  let clock = Date.parse("2026-11-02T08:00:00Z");
  const said: string[] = [];
  const closers: (() => void)[] = [];
  const world: World = {
    path,
    pool: () => Promise.resolve(database.as("keys")),
    url: () => Promise.resolve(database.urlAs("keys")),
    olderEvents: () => Promise.resolve([]),
    say: (line) => void said.push(line),
    now: () => new Date(clock),
    signal: new AbortController().signal,
  };
  return {
    database,
    path,
    world,
    said,
    pass(ms) {
      clock += ms;
    },
    async keys(...args) {
      const command = parseOptions(args);
      assert.ok(command.name !== "help");
      clock += 120_000;
      return await run(command, world);
    },
    process() {
      const file = openKeysFile({ KEYS_FILE: path, APP_ENV: "production" });
      closers.push(() => file.close());
      const repository = openRepository(database.as("registration"), file.keys);
      return { keys: file.keys, repository, registrar: createRegistrar({ repository, keys: file.keys }) };
    },
    async close() {
      for (const close of closers) close();
      await database.drop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

export interface TestRegistry {
  readonly database: TestDatabase;
  /** Of the keys file. */
  readonly path: string;
  readonly world: World;
  readonly said: readonly string[];
  /** Lets the clock jump. */
  pass(ms: number): void;
  /** `deno task keys …`, two minutes after the one before. */
  keys(...args: string[]): Promise<number>;
  /** What a process of the registration has, with a view of the keys file of its own. */
  process(): TestProcess;
  close(): Promise<void>;
}

export interface TestProcess {
  readonly keys: Keys;
  readonly repository: Repository;
  readonly registrar: Registrar;
}

/** Person number `n`, who does not exist: serials from 9990 on are never issued. */
export function person(n: number): { nik: string; nama: string; alamat: string; provinsi: string } {
  const day = String(1 + n % 28).padStart(2, "0");
  const month = String(1 + Math.floor(n / 28) % 12).padStart(2, "0");
  const year = String(Math.floor(n / 336) % 100).padStart(2, "0");
  const regency = String(1 + Math.floor(n / 33_600)).padStart(2, "0");
  return {
    nik: `3201${regency}${day}${month}${year}9997`,
    nama: "Orang Karangan",
    alamat: "Jalan Rekaan",
    provinsi: "32",
  };
}

/** What became of the registration of person `n`. */
export async function register(registrar: Registrar, n: number, idempotencyKey?: string) {
  const parsed = parsePenduduk(person(n), new Date());
  assert.ok(parsed.kind !== "invalid");
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const request = { ...parsed, idempotencyKey, registrar: "sub-petugas", traceparent };
  return await registrar.register(request, new AbortController().signal);
}
