import { userInfo } from "node:os";
import { stderr, stdout } from "node:process";
import { ConfigError, toConfig } from "../../shared/config/config.ts";
import type { Environment } from "../../shared/config/environment.ts";
import { explain } from "../../shared/runtime/explain.ts";
import { openPlatform } from "../../shared/runtime/platform.ts";
import { parkedInOutbox, unparkInOutbox } from "../../workers/relay/outbox.ts";
import { openCommandAudit } from "./command_audit.ts";
import { taskEnvironment } from "./task_environment.ts";

const USAGE = `deno task outbox list [--stack]
    The events that the event log refuses, and why. Nothing of what they say is shown.
deno task outbox retry SEQ... | --all [--stack]
    Gives them back to the relay, once the reason is gone (a topic's max.message.bytes, for instance).

The variables lead to the database, or --stack to that of \`deno task stack up\`, or DATA_DIR to what \`deno task dev\` runs.
Exit codes: 0 done, 1 something failed, 2 wrong use.
`;

/** `deno task outbox`: what the relay had to park. Answers the exit code, see USAGE. */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args.filter((arg) => arg !== "--stack");
  const all = rest.length === 1 && rest[0] === "--all";
  const named = rest.length > 0 && rest.every((seq) => /^\d{1,18}$/.test(seq));
  const right = command === "list" ? rest.length === 0 : command === "retry" && (all || named);
  if (!right) {
    (command === "--help" ? stdout : stderr).write(USAGE);
    return command === "--help" ? 0 : 2;
  }
  try {
    const environment = await taskEnvironment(args.includes("--stack"));
    return await (command === "list" ? list(environment) : retry(environment, all ? undefined : rest));
  } catch (error) {
    stderr.write(`Cannot deal with the outbox: ${explain(error)}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

async function list(environment: Environment): Promise<number> {
  await using platform = disposable(environment);
  const parked = await parkedInOutbox(await platform.pool("outbox", { max: 1, role: "relay" }));
  for (const { seq, type, characters, parkedAt, code } of parked) {
    stdout.write(`${seq}  ${parkedAt.toISOString()}  ${code}  ${type}, ${characters} characters\n`);
  }
  stdout.write(`${parked.length} parked\n`);
  return 0;
}

async function retry(environment: Environment, seqs: readonly string[] | undefined): Promise<number> {
  await using platform = disposable(environment);
  await using audit = await openCommandAudit(environment, "outbox");
  const pool = await platform.pool("outbox", { max: 1, role: "relay" });
  const count = await unparkInOutbox(pool, seqs);
  const actor = { kind: "operator", id: userInfo().username } as const;
  await audit.record({ action: "outbox.retry", outcome: "success", actor, count });
  stdout.write(`${count} given back to the relay\n`);
  return 0;
}

function disposable(environment: Environment) {
  const platform = openPlatform(toConfig(environment, []));
  return Object.assign(platform, { [Symbol.asyncDispose]: () => platform.close() });
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
