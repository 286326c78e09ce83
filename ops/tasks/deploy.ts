import { dirname } from "node:path";
import { stderr, stdin, stdout } from "node:process";
import { readEnvironment } from "../../shared/config/environment.ts";
import { sleep } from "../../shared/resilience/backoff.ts";
import { deploy } from "../deploy/deploy.ts";
import { parseOptions, USAGE } from "../deploy/options.ts";
import { run } from "../deploy/run.ts";
import type { TemporaryFolder, World } from "../deploy/world.ts";

Deno.exitCode = await main(Deno.args);

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseOptions(args);
  if (parsed.kind === "help") {
    stdout.write(USAGE);
    return 0;
  }
  if (parsed.kind === "wrong") {
    stderr.write(`${parsed.sentence}\n`);
    return 1;
  }
  const stop = new AbortController();
  const abandon = new AbortController();
  const onInterrupt = () => (stop.signal.aborted ? abandon : stop).abort();
  Deno.addSignalListener("SIGINT", onInterrupt);
  try {
    return await deploy(parsed.options, realWorld(stop.signal, abandon.signal));
  } finally {
    Deno.removeSignalListener("SIGINT", onInterrupt);
  }
}

function realWorld(stop: AbortSignal, abandon: AbortSignal): World {
  const { SMOKE_USERNAME: username, SMOKE_PASSWORD: password } = readEnvironment();
  return {
    run,
    fetch,
    read: readFile,
    write: writeFile,
    temporaryFolder,
    sleep,
    now: () => performance.now(),
    say: (line) => void stdout.write(`${line}\n`),
    ask: (question) => stdin.isTTY ? prompt(question) ?? undefined : undefined,
    smokeUser: username && password ? { username, password } : undefined,
    stop,
    abandon,
  };
}

async function readFile(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function writeFile(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text);
}

async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await Deno.makeTempDir({ prefix: "kependudukan-deploy-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
