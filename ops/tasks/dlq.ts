import { userInfo } from "node:os";
import { stderr, stdout } from "node:process";
import { ConfigError, toConfig } from "../../shared/config/config.ts";
import { explain } from "../../shared/runtime/explain.ts";
import { openPlatform } from "../../shared/runtime/platform.ts";
import { NOTHING_TO_RECORD, openCommandAudit } from "./command_audit.ts";
import { type Options, parseOptions, USAGE, WrongOption } from "./dlq/options.ts";
import { run } from "./dlq/run.ts";
import { startProgress } from "./simulate/progress.ts";
import { taskEnvironment } from "./task_environment.ts";

/** `deno task dlq`: looks at the dead letters and replays or drops them. Answers the exit code, see USAGE. */
async function main(args: readonly string[]): Promise<number> {
  const stop = new AbortController();
  // The second Ctrl-C does not wait for the letters under way.
  const onInterrupt = () => stop.signal.aborted ? Deno.exit(INTERRUPTED) : stop.abort();
  Deno.addSignalListener("SIGINT", onInterrupt);
  try {
    return await carryOut(parseOptions(args), stop.signal);
  } catch (error) {
    const reason = error instanceof WrongOption ? error.message : explain(error);
    stderr.write(`Cannot deal with the dead letters: ${reason}\n`);
    if (stop.signal.aborted) return INTERRUPTED;
    return error instanceof WrongOption || error instanceof ConfigError ? 2 : 1;
  } finally {
    Deno.removeSignalListener("SIGINT", onInterrupt);
  }
}

async function carryOut({ command, stack }: Options, stop: AbortSignal): Promise<number> {
  const say = (line: string) => void stdout.write(`${line}\n`);
  if (command.name === "help") return say(USAGE.trimEnd()) ?? 0;
  const environment = await taskEnvironment(stack);
  await using running = new AsyncDisposableStack();
  const platform = openPlatform(toConfig(environment, []));
  running.defer(() => platform.close());
  const changes = "dryRun" in command && !command.dryRun;
  const audit = "dryRun" in command && command.dryRun
    ? NOTHING_TO_RECORD
    : running.use(await openCommandAudit(environment, "dlq"));
  const progress = changes ? startProgress((text) => stderr.write(text), stderr.isTTY) : undefined;
  running.defer(() => progress?.end());
  return await run(command, {
    eventLog: await platform.eventLog(),
    audit,
    actor: { kind: "operator", id: userInfo().username },
    say,
    complain: (line) => void stderr.write(`${line}\n`),
    onProgress: (done) => progress?.show(() => `${done.toLocaleString("en")} letters`),
    stop,
  });
}

const INTERRUPTED = 130;

if (import.meta.main) Deno.exitCode = await main(Deno.args);
