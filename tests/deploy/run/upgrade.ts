import { dirname } from "node:path";
import { type Ran, run } from "../../../ops/deploy/run.ts";
import { DEVELOPMENT_SECRETS } from "../../../shared/adapters/embedded/identity/development_secrets.ts";
import { openCheckout } from "../checkout.ts";
import { OBJECTS } from "../fleet.ts";
import { clusterTools } from "./cluster_tools.ts";
import { takeDefinitions } from "./definitions.ts";
import type { Step } from "./finding.ts";
import { type Fleet, lookAtFleet } from "./live_fleet.ts";
import { startLivingCluster } from "./living_cluster.ts";
import { makeSecrets } from "./secrets.ts";
import { startSystem } from "./system.ts";

/**
 * The real `deno task deploy` in a clean checkout, on a cluster that lives: it installs the fleet, upgrades it, changes
 * nothing when nothing is new, and sets it back when a roll-out does not end. The public URL leads to `deno task dev`.
 */
export const tryDeploy: Step = async (say) => {
  const tools = await clusterTools(say);
  await using cluster = await startLivingCluster(tools, { notBuilt: "uji-3" });
  await using system = await startSystem(cluster.folder);
  await using checkout = await openCheckout();
  await checkout.passTests();
  await takeDefinitions(cluster);
  await makeSecrets(cluster);
  const env = {
    PATH: `${dirname(tools.kubectl)}:${Deno.env.get("PATH")}`,
    KUBECONFIG: cluster.kubeconfig,
    SMOKE_USERNAME: "admin",
    SMOKE_PASSWORD: DEVELOPMENT_SECRETS["GOV_ADMIN_PASSWORD"] ?? "",
    NO_COLOR: "1",
  };
  const where = ["--target", "fleet", "--context", "try", "--yes", "--url", system.url];
  const faults: string[] = [];
  let before: Fleet | undefined;
  for (const act of ACTS) {
    const args = ["task", "--quiet", "deploy", ...where, "--image", act.tag, ...act.options ?? []];
    const begun = performance.now();
    const ran = await run(Deno.execPath(), args, { cwd: checkout.path, env, withinMs: 5 * 60_000 });
    const seconds = Math.round((performance.now() - begun) / 1000);
    const fleet = await lookAtFleet(cluster);
    say(`  ${act.what} (${seconds} s): ${summaryOf(ran, fleet)}`);
    faults.push(...faultsOf(act, ran, fleet, before).map((fault) => `${act.what}: ${fault}`));
    before = fleet;
  }
  return {
    name: "deploy",
    summary:
      `${ACTS.length} deployments by deno task deploy on a real API server with Kubernetes' controllers`,
    passed: ACTS.length - new Set(faults.map((fault) => fault.split(":")[0])).size,
    faults,
  };
};

function summaryOf(ran: Ran, { tags, deployments, pods, kept }: Fleet): string {
  const code = ran.kind === "ended" ? `exit ${ran.code}` : ran.kind;
  return `${code}; ${deployments.size} Deployments with ${pods} pods run ${
    [...tags].join(" and ")
  }, release ${kept} is kept`;
}

function faultsOf(act: Act, ran: Ran, after: Fleet, before: Fleet | undefined): string[] {
  const text = ran.kind === "ended" ? `${ran.stdout}${ran.stderr}` : "";
  const changed = [...after.deployments].filter(([name, generation]) =>
    before?.deployments.get(name) !== generation
  );
  return [
    ...(ran.kind === "ended" && ran.code === act.code ? [] : [`ended otherwise, saying\n${text}`]),
    ...(act.says.test(text) ? [] : [`did not say ${act.says}, but\n${text}`]),
    ...([...after.tags].join() === act.runs ? [] : [`${[...after.tags]} runs instead of ${act.runs}`]),
    ...(after.kept === act.runs ? [] : [`${after.kept} is kept instead of ${act.runs}`]),
    ...(act.still ? changed.map(([name]) => `${name} was changed`) : []),
  ];
}

const NOTHING = new RegExp(`^ +${OBJECTS.length + 1} objects stay as they are$`, "m"); // and the realm

const ACTS: readonly Act[] = [
  { what: "Installs uji-1", tag: "uji-1", code: 0, runs: "uji-1", says: /^ +create Deployment edge\/edge$/m },
  {
    what: "Upgrades to uji-2",
    tag: "uji-2",
    code: 0,
    runs: "uji-2",
    says: /^ +change Deployment edge\/edge, \d+ lines in and \d+ out$/m,
  },
  { what: "Deploys uji-2 again", tag: "uji-2", code: 0, runs: "uji-2", says: NOTHING, still: true },
  {
    what: "Sets back from uji-3, which does not start",
    tag: "uji-3",
    options: ["--timeout", "1"],
    code: 1,
    runs: "uji-2",
    says: /^ {2}back +release uji-2 runs again$/m,
  },
  { what: "Deploys uji-2 after that", tag: "uji-2", code: 0, runs: "uji-2", says: NOTHING, still: true },
];

interface Act {
  readonly what: string;
  readonly tag: string;
  readonly options?: readonly string[];
  readonly code: number;
  /** The tag that runs and is kept afterwards. */
  readonly runs: string;
  readonly says: RegExp;
  /** No Deployment is written to. */
  readonly still?: true;
}
