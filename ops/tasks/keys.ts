import { join } from "node:path";
import { userInfo } from "node:os";
import { stderr, stdout } from "node:process";
import { runningPostgres } from "../../shared/adapters/embedded/postgres_server/running.ts";
import { openPool, type Pool } from "../../shared/adapters/postgres/pool.ts";
import { asRole } from "../../shared/adapters/postgres/roles.ts";
import { checkDatabase } from "../../shared/adapters/postgres/start_check.ts";
import { type Config, ConfigError, toConfig } from "../../shared/config/config.ts";
import { type Environment, readEnvironment } from "../../shared/config/environment.ts";
import { explain } from "../../shared/runtime/explain.ts";
import { parseOptions, USAGE, WrongOption } from "./keys/options.ts";
import { run } from "./keys/run.ts";
import type { World } from "./keys/world.ts";
import { openCommandAudit } from "./command_audit.ts";

/** `deno task keys`: adds, activates, rotates and retires encryption keys. Answers the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const stop = new AbortController();
  Deno.addSignalListener(
    "SIGINT",
    () => stop.abort(new DOMException("Stopped; run it again to go on", "AbortError")),
  );
  try {
    const command = parseOptions(args);
    if (command.name === "help") return say(USAGE.trimEnd());
    const environment = await withRunningDatabase(readEnvironment());
    const config = toConfig(environment, []);
    await using opened = new AsyncDisposableStack();
    const world = openWorld(config, opened, stop.signal);
    if (command.name === "list" || command.name === "status") return await run(command, world);
    await using audit = await openCommandAudit(environment, "keys");
    const record = (outcome: "success" | "failure", count = 0) =>
      audit.record({
        action: "keys.rotate",
        outcome,
        actor: { kind: "operator", id: userInfo().username },
        count,
        ...(outcome === "failure" && { reason: "PARTLY_FAILED" }),
      });
    try {
      await record("success", await run(command, world));
      return 0;
    } catch (error) {
      await record("failure");
      throw error;
    }
  } catch (error) {
    if (error instanceof WrongOption) {
      stderr.write(`${error.message} (deno task keys --help)\n`);
      return 2;
    }
    stderr.write(`Cannot change the keys: ${explain(error)}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

function openWorld(config: Config, opened: AsyncDisposableStack, signal: AbortSignal): World {
  const url = async () => {
    if (config.DATABASE_URL === undefined) {
      throw new ConfigError(["DATABASE_URL is not set, and no `deno task dev` runs on DATA_DIR"]);
    }
    await checkDatabase(config.DATABASE_URL, { signal });
    return asRole(config.DATABASE_URL.value(), "keys");
  };
  let pool: Promise<Pool> | undefined;
  return {
    path: config.KEYS_FILE ?? join(config.DATA_DIR, "keys.json"),
    url,
    pool: () =>
      pool ??= url().then((url) => {
        // To prove that no row is under a key may take long; no lock waits for it.
        const pool = openPool(url, { max: 2, name: "keys", statementMs: PROOF_MS });
        opened.defer(() => pool.end());
        return pool;
      }),
    async olderEvents(before) {
      if (!config.kafka) return [];
      const { topicsWithOlderRecords } = await import("../../shared/adapters/kafka/older_records.ts");
      return await topicsWithOlderRecords(config.kafka, before);
    },
    say,
    now: () => new Date(),
    signal,
  };
}

/** The database of a `deno task dev` that runs beside this command, unless the variables name one. */
async function withRunningDatabase(environment: Environment): Promise<Environment> {
  if (environment["DATABASE_URL"] || environment["DATABASE_URL_FILE"]) return environment;
  const url = await runningPostgres(join(environment["DATA_DIR"] || ".data", "postgres"));
  return url === undefined ? environment : { ...environment, DATABASE_URL: url };
}

function say(line: string): 0 {
  stdout.write(`${line}\n`);
  return 0;
}

const PROOF_MS = 6 * 3_600_000;

if (import.meta.main) Deno.exit(await main(Deno.args));
