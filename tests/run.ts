import { existsSync } from "node:fs";
import { startPostgres } from "../shared/adapters/embedded/postgres_server.ts";
import { countLeaves } from "./run/junit.ts";
import { linesWithPersonalData } from "./run/personal_data.ts";

/**
 * The test command: `deno run -A tests/run.ts [options of deno test] [files]`; without files, all of `FOLDERS`. Gives
 * the tests one PostgreSQL (TEST_DATABASE_URL), shows and keeps what they print, and fails when that holds personal
 * data. The last line is for machines: `12 passed, 0 failed`.
 */
async function main(args: readonly string[]): Promise<number> {
  await Deno.mkdir(".artifacts", { recursive: true });
  const dataDir = await Deno.makeTempDir({ prefix: "kependudukan-test-" });
  try {
    const postgres = await startPostgres({ dataDir, settings: FAST });
    try {
      return await report(await runTests(args, postgres.adminUrl));
    } finally {
      await postgres.stop();
    }
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

async function runTests(args: readonly string[], databaseUrl: string): Promise<boolean> {
  const paths = args.some((arg) => existsSync(arg)) ? [] : FOLDERS.filter((folder) => existsSync(folder));
  await Deno.remove(REPORT).catch(ignoreNotFound);
  using output = await Deno.open(OUTPUT, { create: true, write: true, truncate: true });
  const tests = new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--allow-all",
      "--no-check",
      "--permit-no-files",
      `--junit-path=${REPORT}`,
      ...args,
      ...paths,
    ],
    env: { TEST_DATABASE_URL: databaseUrl, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(DEADLINE_MS),
  }).spawn();
  // The terminal sends Ctrl-C to the tests too: they end first, then the database is stopped.
  const ignore = () => {};
  Deno.addSignalListener("SIGINT", ignore);
  const keep = (chunk: Uint8Array) => {
    Deno.stdout.writeSync(chunk);
    output.writeSync(chunk);
  };
  const [{ success }] = await Promise.all([tests.status, each(tests.stdout, keep), each(tests.stderr, keep)]);
  Deno.removeSignalListener("SIGINT", ignore);
  return success;
}

async function report(success: boolean): Promise<number> {
  const counts = countLeaves(await Deno.readTextFile(REPORT).catch(ignoreNotFound) ?? "");
  const leaks = linesWithPersonalData(await Deno.readTextFile(OUTPUT));
  for (const line of leaks) print(`Personal data was printed: ${OUTPUT} line ${line}`);
  // A module that fails outside of its tests is not in the report.
  const failed = Math.max(counts.failed, success ? 0 : 1) + leaks.length;
  if (counts.passed + failed === 0) print("No test ran");
  print(`${counts.passed} passed, ${failed} failed`);
  return failed > 0 || counts.passed === 0 ? 1 : 0;
}

async function each(stream: ReadableStream<Uint8Array>, take: (chunk: Uint8Array) => void): Promise<void> {
  for await (const chunk of stream) take(chunk);
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function ignoreNotFound(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

const FOLDERS = ["shared", "edge", "workers", "tests/run", "tests/e2e", "tests/contract", "ops"];
const OUTPUT = ".artifacts/test-output.log";
const REPORT = ".artifacts/test-report.xml";
const DEADLINE_MS = 10 * 60_000;

// A crash of the machine may cost the tests their data.
const FAST = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "300" };

if (import.meta.main) Deno.exit(await main(Deno.args));
