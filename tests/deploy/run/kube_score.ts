import { z } from "zod";
import { run } from "../../../ops/deploy/run.ts";
import type { Step } from "./finding.ts";
import { renderedManifest } from "./rendered.ts";
import { goTool } from "./tools.ts";

/** kube-score's verdict: no critical finding but those that we decided against, each with its reason. */
export const kubeScore: Step = async (say) => {
  const program = await goTool("kube-score", say);
  const args = ["score", "--output-format", "json", "--kubernetes-version", "v1.37", "-"];
  const ran = await run(program, args, { stdin: await renderedManifest() });
  if (ran.kind !== "ended" || ran.stdout === "") {
    throw new Error(`Run kube-score failed: ${JSON.stringify(ran)}`);
  }
  const checks = Output.parse(JSON.parse(ran.stdout)).flatMap(({ object_name, checks }) =>
    checks.filter(({ skipped }) => !skipped).map((check) => ({ ...check, object: object_name }))
  );
  const critical = checks.filter(({ grade }) => grade <= CRITICAL);
  const counted = critical.filter(({ check }) => !IGNORED.has(check.id));
  const idle = [...IGNORED.keys()].filter((id) => !critical.some(({ check }) => check.id === id));
  for (const [id, reason] of IGNORED) say(`  not taken from kube-score: ${id} (${reason})`);
  return {
    name: "kube-score",
    summary: `${counted.length} critical of ${checks.length} checks; ${
      critical.length - counted.length
    } findings of ${IGNORED.size} checks decided otherwise`,
    passed: checks.length - critical.length,
    faults: [
      ...counted.map(({ object, check, comments }) =>
        `${object}: ${check.name}: ${comments?.[0]?.summary ?? ""}`
      ),
      ...idle.map((id) => `Check "${id}" finds nothing any more: it need not be ignored`),
    ],
  };
};

const CRITICAL = 1;

const IGNORED: ReadonlyMap<string, string> = new Map([
  [
    "container-image-pull-policy",
    "a tag is one commit and never moves: a node that has the image starts pods while the registry is away",
  ],
  [
    "pod-probes-identical",
    "readiness must not follow shared servers, see the edge in deploy.yml; /readyz guards the start",
  ],
  ["networkpolicy-targets-pod", "pods that operators make are not in the file; network_test.ts knows them"],
]);

const Check = z.object({
  check: z.object({ id: z.string(), name: z.string() }),
  grade: z.number(),
  skipped: z.boolean(),
  comments: z.array(z.object({ summary: z.string() })).nullable(),
});
const Output = z.array(z.object({ object_name: z.string(), checks: z.array(Check) }));
