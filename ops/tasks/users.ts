import { userInfo } from "node:os";
import { open } from "node:fs/promises";
import { stderr, stdin, stdout } from "node:process";
import { createInterface } from "node:readline/promises";
import { openUserDirectory } from "../../shared/adapters/keycloak/user_directory.ts";
import { ConfigError } from "../../shared/config/config.ts";
import { readEnvironment } from "../../shared/config/environment.ts";
import { toUsersConfig } from "../../shared/config/users.ts";
import { AuditUnavailable } from "../../shared/ports/audit.ts";
import { NOTHING_TO_RECORD, openCommandAudit } from "./command_audit.ts";
import { parseOptions } from "./users/options.ts";
import { MOST_BYTES } from "./users/rows.ts";
import { run } from "./users/run.ts";
import { USAGE } from "./users/usage.ts";
import type { LineFile } from "./users/world.ts";

/** `deno task users`: keeps the people who sign in. Answers the exit code, see USAGE. */
async function main(args: readonly string[]): Promise<number> {
  const parsed = parseOptions(args);
  if (parsed.kind === "help") {
    say(USAGE.trimEnd());
    return 0;
  }
  if (parsed.kind === "wrong") return complain(`${parsed.sentence} (deno task users --help)`, WRONG_USE);
  const stop = new AbortController();
  const onInterrupt = () => stop.signal.aborted ? Deno.exit(130) : stop.abort();
  Deno.addSignalListener("SIGINT", onInterrupt);
  try {
    const environment = readEnvironment();
    const directory = openUserDirectory(toUsersConfig(environment));
    await using audit = parsed.dryRun ? NOTHING_TO_RECORD : await openCommandAudit(environment, "users");
    return await run(parsed.command, {
      directory,
      audit,
      actor: { kind: "operator", id: parsed.actor ?? userInfo().username },
      dryRun: parsed.dryRun,
      say,
      complain,
      readPassword,
      readFile,
      createFile,
      stop: stop.signal,
    });
  } catch (error) {
    if (error instanceof ConfigError) return complain(error.message, WRONG_USE);
    if (error instanceof FileRefused) return complain(error.message);
    if (error instanceof AuditUnavailable) {
      return complain(`${error.message}: what was asked for may be done; look with "list"`, 1);
    }
    throw error;
  } finally {
    Deno.removeSignalListener("SIGINT", onInterrupt);
  }
}

const WRONG_USE = 2;

function say(line: string): void {
  stdout.write(`${line}\n`);
}

function complain(line: string, code = 1): number {
  stderr.write(`${line}\n`);
  return code;
}

async function readPassword(): Promise<string> {
  if (stdin.isTTY) stderr.write("Password: ");
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    for await (const line of lines) return line;
    throw new FileRefused("Standard input holds no password");
  } finally {
    lines.close();
  }
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await Deno.stat(path);
    // What is too large is not read at all.
    return size > MOST_BYTES ? new Uint8Array(MOST_BYTES + 1) : await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new FileRefused(`Cannot read "${path}" (${error.code})`);
  }
}

async function createFile(path: string): Promise<LineFile> {
  try {
    const file = await open(path, "wx", 0o600);
    return {
      async append(line) {
        await file.appendFile(`${line}\n`);
        await file.sync();
      },
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    throw new FileRefused(`File "${path}" is there already: name a new one`);
  }
}

class FileRefused extends Error {}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
