import { userInfo } from "node:os";
import { join } from "node:path";
import { stderr, stdout } from "node:process";
import { runningPostgres } from "../../shared/adapters/embedded/postgres_server/running.ts";
import { ConfigError, toConfig } from "../../shared/config/config.ts";
import { type Environment, readEnvironment } from "../../shared/config/environment.ts";
import { stackVariables } from "../../shared/config/stack_file.ts";
import { explain } from "../../shared/runtime/explain.ts";
import { openPlatform } from "../../shared/runtime/platform.ts";
import { openCommandAudit } from "./command_audit.ts";
import { startProgress } from "./simulate/progress.ts";
import { type Options, parseOptions, USAGE, WrongOption } from "./statistics/options.ts";
import { rebuild } from "./statistics/rebuild.ts";
import { compare } from "./statistics/reconcile.ts";

/** `deno task statistics`: rebuilds the statistics, or compares them with the registry. Answers the exit code, see USAGE. */
async function main(args: readonly string[]): Promise<number> {
  const stop = new AbortController();
  const onInterrupt = () =>
    stop.abort(new DOMException("Stopped; the counts are as they were", "AbortError"));
  for (const signal of STOP_SIGNALS) Deno.addSignalListener(signal, onInterrupt);
  try {
    return await carryOut(parseOptions(args), stop.signal);
  } catch (error) {
    const reason = error instanceof WrongOption ? error.message : explain(error);
    stderr.write(`Cannot deal with the statistics: ${reason}\n`);
    if (stop.signal.aborted) return INTERRUPTED;
    return error instanceof WrongOption || error instanceof ConfigError ? 2 : 1;
  } finally {
    for (const signal of STOP_SIGNALS) Deno.removeSignalListener(signal, onInterrupt);
  }
}

async function carryOut({ command, stack }: Options, signal: AbortSignal): Promise<number> {
  if (command.name === "help") return print(USAGE.trimEnd());
  const environment = await environmentOf(stack);
  await using running = new AsyncDisposableStack();
  const platform = openPlatform(toConfig(environment, []));
  running.defer(() => platform.close());
  const progress = startProgress((text) => stderr.write(text), stderr.isTTY);
  running.defer(() => progress.end());
  if (command.name === "reconcile") {
    return await compare(platform, { print, waitMs: command.waitMs, signal, show: progress.show });
  }
  const audit = running.use(await openCommandAudit(environment, "statistics"));
  const actor = { kind: "operator", id: userInfo().username } as const;
  try {
    const count = await rebuild(platform, { print, signal, show: progress.show });
    await audit.record({ action: "stats.rebuild", outcome: "success", actor, count });
    return 0;
  } catch (error) {
    await audit.record({ action: "stats.rebuild", outcome: "failure", actor, reason: "PARTLY_FAILED" });
    throw error;
  }
}

/** Where the variables name no database, that of `deno task dev`. */
async function environmentOf(stack: boolean): Promise<Environment> {
  const own = readEnvironment();
  const named = stack ? { ...await stackVariables(own), ...own } : own;
  const { DATABASE_URL, DATA_DIR, APP_ENV } = toConfig(named, []);
  if (APP_ENV === "production") return named;
  // The keys that `deno task dev` made.
  const environment = { KEYS_FILE: join(DATA_DIR, "keys.json"), ...named };
  if (DATABASE_URL !== undefined) return environment;
  const url = await runningPostgres(join(DATA_DIR, "postgres"));
  if (url === undefined) return environment;
  // Where `deno task audit search` finds it.
  return { AUDIT_SINKS: "table", ...environment, DATABASE_URL: url };
}

function print(line: string): 0 {
  stdout.write(`${line}\n`);
  return 0;
}

const INTERRUPTED = 130;
/** Of a person, and of Kubernetes, where the first process of a container must listen to be stopped. */
const STOP_SIGNALS = ["SIGINT", "SIGTERM"] as const;

if (import.meta.main) Deno.exitCode = await main(Deno.args);
