import process from "node:process";
import { ConfigError } from "../../shared/config/config.ts";
import { readEnvironment } from "../../shared/config/environment.ts";
import { down } from "../stack/down.ts";
import { logs } from "../stack/logs.ts";
import { parseOptions, usage } from "../stack/options.ts";
import { configuredStack, defaultPorts } from "../stack/servers.ts";
import { openStack, type Stack, StackError } from "../stack/stack.ts";
import { status } from "../stack/status.ts";
import { table } from "../stack/table.ts";
import { up } from "../stack/up.ts";

/** `deno task stack`: the real servers on this machine. Answers the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.kind === "help") return say(usage(defaultPorts()));
  if (options.kind === "wrong") return complain(`${options.sentence} (deno task stack --help)`);
  try {
    const begun = performance.now();
    const seconds = () => ((performance.now() - begun) / 1000).toFixed(1);
    const print = (line: string) => void say(`[${seconds().padStart(6)} s] ${line}`);
    const stack = openStack({ ...configuredStack(readEnvironment()), print });
    switch (options.kind) {
      case "up":
        await up(stack, options);
        await showTable(stack);
        return say(`Up after ${seconds()} s. The variables: . ${stack.variables}`);
      case "status":
        return await showTable(stack);
      case "logs":
        return await logs(stack, options);
      case "down":
        await down(stack, options);
        return 0;
    }
  } catch (error) {
    if (error instanceof StackError || error instanceof ConfigError) return complain(error.message);
    throw error;
  }
}

async function showTable(stack: Stack): Promise<number> {
  const processes = await status(stack);
  if (processes.length === 0) return say("Nothing was started: deno task stack up");
  say(table(processes));
  return processes.every(({ state }) => state === "ready") ? 0 : 1;
}

function say(text: string): number {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  return 0;
}

function complain(sentence: string): number {
  process.stderr.write(`${sentence}\n`);
  return 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
