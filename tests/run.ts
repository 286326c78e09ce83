import { existsSync } from "node:fs";
import { join } from "node:path";
import { startPostgres } from "../shared/adapters/embedded/postgres_server.ts";
import { countLeaves } from "./run/junit.ts";
import { linesWithPersonalData } from "./run/personal_data.ts";

/**
 * The test command: `deno run -A tests/run.ts [options of deno test] [files]`; without files, all of `FOLDERS`. Gives
 * the tests one PostgreSQL (TEST_DATABASE_URL), shows and keeps what they print, and fails when that holds personal
 * data. The last line is for machines: `12 passed, 0 failed`.
 */
async function main(args: readonly string[]): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "kependudukan-test-" });
  try {
    const postgres = await startPostgres({ dataDir: join(folder, "postgres"), settings: FAST });
    try {
      return conclude(await runTests(args, postgres.adminUrl, join(folder, "report.xml")));
    } finally {
      await postgres.stop();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function runTests(args: readonly string[], databaseUrl: string, reportFile: string): Promise<TestRun> {
  await Deno.mkdir(".artifacts", { recursive: true });
  using kept = await Deno.open(OUTPUT, { create: true, write: true, truncate: true });
  const folders = args.some((arg) => existsSync(arg)) ? [] : FOLDERS.filter((folder) => existsSync(folder));
  const tests = new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--allow-all",
      "--no-check",
      "--parallel",
      "--permit-no-files",
      `--junit-path=${reportFile}`,
      ...args,
      ...folders,
    ],
    env: { TEST_DATABASE_URL: databaseUrl, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(DEADLINE_MS),
  }).spawn();
  // Told to end, this process waits for the tests to end, so that it can stop the database. A terminal sends Ctrl-C
  // to the tests as well.
  Deno.addSignalListener("SIGINT", () => {});
  Deno.addSignalListener("SIGTERM", () => tests.kill("SIGTERM"));

  let output = "";
  const keep = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      output += text;
      kept.writeSync(encoder.encode(text));
      Deno.stdout.writeSync(encoder.encode(text));
    }
  };
  const [{ success }] = await Promise.all([tests.status, keep(tests.stdout), keep(tests.stderr)]);
  return { success, output, report: existsSync(reportFile) ? await Deno.readTextFile(reportFile) : "" };
}

function conclude({ success, output, report }: TestRun): number {
  const counts = countLeaves(report);
  const leaks = linesWithPersonalData(output);
  for (const line of leaks) print(`Personal data was printed: ${OUTPUT} line ${line}`);
  // A file that fails outside of its tests is not in the report.
  const failed = Math.max(counts.failed, success ? 0 : 1) + leaks.length;
  if (counts.passed + failed === 0) print("No test ran");
  print(`${counts.passed} passed, ${failed} failed`);
  return failed > 0 || counts.passed === 0 ? 1 : 0;
}

function print(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}

interface TestRun {
  readonly success: boolean;
  readonly output: string;
  /** JUnit XML; empty when the tests ended before they wrote it. */
  readonly report: string;
}

const FOLDERS = ["shared", "edge", "workers", "tests/run", "tests/e2e", "tests/contract", "ops"];
const OUTPUT = ".artifacts/test-output.log";
const DEADLINE_MS = 10 * 60_000;

// A crash of the machine may cost the tests their data.
const FAST = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "300" };

const encoder = new TextEncoder();

if (import.meta.main) Deno.exit(await main(Deno.args));
