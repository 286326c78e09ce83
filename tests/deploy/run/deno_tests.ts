import { join } from "node:path";
import { countLeaves } from "../../run/junit.ts";
import type { Finding, Step } from "./finding.ts";

/** The tests of this folder, shown as they run. */
export const denoTests: Step = async () => {
  const folder = await Deno.makeTempDir({ prefix: "kependudukan-test-deploy-" });
  try {
    const report = join(folder, "report.xml");
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--allow-all", "--no-check", `--junit-path=${report}`, "tests/deploy"],
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
      signal: AbortSignal.timeout(DEADLINE_MS),
    }).spawn().status;
    const { passed, failed } = countLeaves(await Deno.readTextFile(report));
    return concluded(passed, success ? 0 : Math.max(1, failed));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};

function concluded(passed: number, failed: number): Finding {
  return {
    name: "deno test",
    summary: `${passed} tests passed, ${failed} failed`,
    passed,
    faults: Array.from({ length: failed }, () => "A test failed, see above"),
  };
}

const DEADLINE_MS = 20 * 60_000;
