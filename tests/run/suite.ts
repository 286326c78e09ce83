import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { countLeaves } from "./junit.ts";
import { linesWithPersonalData } from "./personal_data.ts";

/**
 * Runs `deno test`, shows and keeps what it prints, and fails when that, or another file of the run, holds personal
 * data. Prints a last line for machines, `12 passed, 0 failed`, and answers the exit code.
 */
export async function runSuite(suite: Suite): Promise<number> {
  const reportFile = await Deno.makeTempFile({ suffix: ".xml" });
  try {
    const success = await runTests(suite, reportFile);
    const report = await Deno.readTextFile(reportFile);
    if (suite.summary) print(suite.summary(report));
    return conclude({ success, report, leaks: await findLeaks(suite) });
  } finally {
    await Deno.remove(reportFile);
  }
}

export interface Suite {
  /** Options of `deno test`, and files; without files, all of `folders`. */
  readonly args: readonly string[];
  readonly folders: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Keeps what the tests print. */
  readonly output: string;
  readonly deadlineMs: number;
  /** What to print of the JUnit report, before the last line. */
  readonly summary?: (report: string) => string;
  /** Files that others write meanwhile, searched after the run. */
  readonly otherOutput?: () => readonly string[];
}

async function runTests(
  { args, folders, env, output, deadlineMs }: Suite,
  reportFile: string,
): Promise<boolean> {
  await Deno.mkdir(dirname(output), { recursive: true });
  using kept = await Deno.open(output, { create: true, write: true, truncate: true });
  const chosen = args.some((arg) => existsSync(arg)) ? [] : folders.filter((folder) => existsSync(folder));
  const options = ["--allow-all", "--no-check", "--permit-no-files", `--junit-path=${reportFile}`];
  const tests = new Deno.Command(Deno.execPath(), {
    args: ["test", ...options, ...args, ...chosen],
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(deadlineMs),
  }).spawn();
  // Told to end, this process waits for the tests to end, so that it can stop what it started for them. A terminal
  // sends Ctrl-C to the tests as well.
  Deno.addSignalListener("SIGINT", () => {});
  Deno.addSignalListener("SIGTERM", () => tests.kill("SIGTERM"));

  const keep = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const bytes of stream) {
      kept.writeSync(bytes);
      Deno.stdout.writeSync(bytes);
    }
  };
  const [{ success }] = await Promise.all([tests.status, keep(tests.stdout), keep(tests.stderr)]);
  return success;
}

async function findLeaks({ output, otherOutput }: Suite): Promise<readonly string[]> {
  const leaks: string[] = [];
  for (const file of [output, ...otherOutput?.() ?? []]) {
    const lines = linesWithPersonalData(await Deno.readTextFile(file));
    leaks.push(...lines.map((line) => `${file} line ${line}`));
  }
  return leaks;
}

function conclude({ success, report, leaks }: Outcome): number {
  const counts = countLeaves(report);
  for (const leak of leaks) print(`Personal data was printed: ${leak}`);
  // A file that fails outside of its tests is not in the report.
  const failed = Math.max(counts.failed, success ? 0 : 1) + leaks.length;
  if (counts.passed + failed === 0) print("No test ran");
  print(`${counts.passed} passed, ${failed} failed`);
  return failed > 0 || counts.passed === 0 ? 1 : 0;
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

interface Outcome {
  readonly success: boolean;
  /** JUnit XML; empty when the tests ended before they wrote it. */
  readonly report: string;
  readonly leaks: readonly string[];
}
