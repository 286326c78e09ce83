import { tryApiServer } from "./run/api_server.ts";
import { denoTests } from "./run/deno_tests.ts";
import { kubeconform } from "./run/kubeconform.ts";
import { kubeScore } from "./run/kube_score.ts";
import type { Finding } from "./run/finding.ts";
import { tryDeploy } from "./run/upgrade.ts";

/**
 * `deno task test:deploy [--apiserver]`: everything that can be known of deploy.yml and the images without a cluster.
 * With `--apiserver` a real API server takes it as well, and `deno task deploy` upgrades it there and sets it back. Tools
 * are built once into .stack/tools. The last line is for machines: `12 passed, 0 failed`.
 */
async function main(args: readonly string[]): Promise<number> {
  const unknown = args.filter((arg) => arg !== "--apiserver");
  if (unknown.length > 0) {
    say(`Option "${unknown[0]}" is unknown: there is only --apiserver`);
    return 1;
  }
  const steps = [
    denoTests,
    kubeconform,
    kubeScore,
    ...(args.includes("--apiserver") ? [tryApiServer, tryDeploy] : []),
  ];
  const findings: Finding[] = [];
  for (const step of steps) {
    const finding = await step(say).catch((error: unknown) => brokenOff(step.name, error));
    findings.push(finding);
    for (const fault of finding.faults) say(`  ${fault}`);
    say(`${finding.name.padEnd(12)} ${finding.summary}\n`);
  }
  const passed = findings.reduce((sum, finding) => sum + finding.passed, 0);
  const failed = findings.reduce((sum, finding) => sum + finding.faults.length, 0);
  say(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

function brokenOff(name: string, error: unknown): Finding {
  const reason = error instanceof Error ? error.message : String(error);
  return { name, summary: "broke off", passed: 0, faults: [reason] };
}

function say(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}

const encoder = new TextEncoder();

if (import.meta.main) Deno.exit(await main(Deno.args));
