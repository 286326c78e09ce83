import { join } from "node:path";
import { stderr, stdin, stdout } from "node:process";
import { createInterface } from "node:readline/promises";
import { openAuditReader } from "../../shared/adapters/postgres/audit_reader.ts";
import { openAuditTable } from "../../shared/adapters/postgres/audit_table.ts";
import { openPool, type Pool } from "../../shared/adapters/postgres/pool.ts";
import { asRole } from "../../shared/adapters/postgres/roles.ts";
import { checkDatabase } from "../../shared/adapters/postgres/start_check.ts";
import { type Config, ConfigError, toConfig } from "../../shared/config/config.ts";
import { openKeysFile } from "../../shared/config/keys_file.ts";
import { parseNik } from "../../shared/penduduk/nik.ts";
import type { AuditEntry } from "../../shared/ports/audit.ts";
import { explain } from "../../shared/runtime/explain.ts";
import { sha256 } from "../../shared/security/audit/sha256.ts";
import { subjectTag, subjectTags } from "../../shared/security/audit/subject_tag.ts";
import { openAuditWriter } from "../../shared/security/audit/writer.ts";
import { type Command, parseOptions, USAGE, WrongOption } from "./audit/options.ts";
import { toText, verificationText } from "./audit/print.ts";
import { Anchor, verifyAudit } from "./audit/verify.ts";
import { taskEnvironment } from "./task_environment.ts";

/** `deno task audit`: verifies and reads the audit. Answers the exit code, see USAGE. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const command = parseOptions(args);
    if (command.name === "help") return say(USAGE.trimEnd());
    const config = await readConfig();
    if (command.name === "verify") return await verify(config, command);
    return await ask(config, command);
  } catch (error) {
    if (error instanceof WrongOption) return complain(`${error.message} (deno task audit --help)`, 2);
    return complain(`Cannot audit: ${explain(error)}`, error instanceof ConfigError ? 2 : 1);
  }
}

async function verify(config: Config, { files, anchor }: Command & { name: "verify" }): Promise<number> {
  await using pool = config.DATABASE_URL && await openDatabase(config);
  const verification = await verifyAudit({
    reader: pool && openAuditReader(pool),
    files: files.length > 0 ? files : await filesOf(config),
    known: await readAnchor(anchor),
    now: new Date(),
  });
  if (verification.copies.length === 0) {
    throw new ConfigError(["DATABASE_URL is not set and there is no file: name the audit to verify"]);
  }
  const whole = verification.findings.length === 0;
  if (pool) {
    await record(pool, {
      action: "audit.verify",
      outcome: whole ? "success" : "failure",
      reason: whole ? undefined : "CHAIN_BROKEN",
      count: verification.findings.length,
    });
  }
  say(verificationText(verification));
  if (!whole) return 1;
  if (anchor !== undefined) {
    await Deno.writeTextFile(`${anchor}.new`, JSON.stringify({ ends: verification.ends }, null, 2) + "\n");
    await Deno.rename(`${anchor}.new`, anchor);
  }
  return 0;
}

/** Records the question before it answers it. */
async function ask(
  config: Config,
  command: Command & { name: "search" | "subject" | "tags" },
): Promise<number> {
  await using pool = await openDatabase(config);
  const reader = openAuditReader(pool);
  if (command.name === "search") {
    await record(pool, { action: "audit.search", outcome: "success" });
    return show(await reader.search(command), command.json);
  }
  const keys = openKeysFile(config);
  try {
    const nik = await readNik();
    await record(pool, {
      action: "audit.subject",
      outcome: "success",
      target: subjectTag(keys.keys.audit, nik),
    });
    const targets = subjectTags(keys.keys.audit, nik);
    if (command.name === "tags") return say(targets.join("\n"));
    return show(await reader.search({ ...command, targets }), command.json);
  } finally {
    keys.close();
  }
}

function show(lines: Awaited<ReturnType<ReturnType<typeof openAuditReader>["search"]>>, json: boolean): 0 {
  for (const line of lines) say(json ? JSON.stringify(line) : toText(line));
  stderr.write(`${lines.length} lines\n`);
  return 0;
}

async function readNik() {
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    for await (const line of lines) {
      const parsed = parseNik(line.trim(), new Date());
      if (parsed.kind === "nik") return parsed.nik;
      break;
    }
    throw new WrongOption("Standard input must hold a NIK on its first line");
  } finally {
    lines.close();
  }
}

/** As whoever logged in at the database: the operating system lets anybody call themselves what they like. */
async function record(pool: Pool, entry: Omit<AuditEntry, "actor">): Promise<void> {
  const { rows } = await pool.query<{ user: string }>('select session_user as "user"');
  const writer = await openAuditWriter({ sinks: [openAuditTable(pool)], service: "audit", sha256 });
  await writer.of("audit").record({ ...entry, actor: { kind: "operator", id: rows[0]?.user ?? "unknown" } });
  await writer.close();
}

async function openDatabase(config: Config): Promise<Pool & AsyncDisposable> {
  const { DATABASE_URL } = config;
  if (DATABASE_URL === undefined) {
    throw new ConfigError([
      "DATABASE_URL is not set: name the database of the audit, or run `deno task dev` beside",
    ]);
  }
  await checkDatabase(DATABASE_URL);
  const pool = openPool(DATABASE_URL.map((url) => asRole(url, "auditor")), { max: 2, name: "audit" });
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.end() });
}

/** Beside `deno task dev`, that of its embedded database and keys. */
async function readConfig(): Promise<Config> {
  const environment = await taskEnvironment(false);
  const { APP_ENV, DATA_DIR } = toConfig(environment, []);
  const keys = APP_ENV === "production" ? {} : { KEYS_FILE: join(DATA_DIR, "keys.json") };
  return toConfig({ ...keys, ...environment }, []);
}

async function filesOf({ DATA_DIR }: Config): Promise<readonly string[]> {
  const folder = join(DATA_DIR, "audit");
  const files: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (name.includes(".jsonl")) files.push(join(folder, name));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return files;
}

async function readAnchor(path: string | undefined) {
  if (path === undefined) return [];
  try {
    return Anchor.parse(JSON.parse(await Deno.readTextFile(path))).ends;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function complain(text: string, code: number): number {
  stderr.write(`${text}\n`);
  return code;
}

function say(text: string): 0 {
  stdout.write(`${text}\n`);
  return 0;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
