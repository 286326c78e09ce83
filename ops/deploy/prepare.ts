import { Checklist } from "./checklist.ts";
import { cleanCommit, testsPassed } from "./checks.ts";
import { DenoDeploy, readApp } from "./edge.ts";
import { type FleetManifest, readFleetManifest } from "./fleet_manifest.ts";
import { lookAtFleet } from "./live_fleet.ts";
import type { Options } from "./options.ts";
import { readOutputs } from "./outputs.ts";
import type { EdgePlan, FleetPlan, Plan } from "./plan.ts";
import { Refused, type World } from "./world.ts";

/** Checks all that can be known before anything is changed, quick things first; throws the first `Refused`. */
export async function prepare(options: Options, world: World): Promise<Plan> {
  world.say("Checks");
  const list = new Checklist(options, world.say);
  const commit = await list.must(
    "clean tree",
    () => cleanCommit(world),
    (commit) => `commit ${short(commit)}`,
  );
  const tag = options.image ?? short(commit);
  const manifest = options.target === "edge" ? undefined : await list.must(
    "manifest",
    () => readFleetManifest(tag, world),
    ({ objects }) => `deploy.yml holds ${objects.length} valid objects`,
  );
  await list.must("tests", () => testsPassed(commit, world), (how) => how);
  const fleet = manifest && await prepareFleet({ manifest, tag }, options, list, world);
  const edge = options.target === "fleet" ? undefined : await prepareEdge(list, world);
  const { org = "", app = "" } = edge?.denoDeploy.app ?? {};
  return { commit, fleet, edge, confirmation: fleet?.live?.cluster.context ?? `${org}/${app}` };
}

async function prepareFleet(
  { manifest: { text, objects, publicUrl }, tag }: { manifest: FleetManifest; tag: string },
  options: Options,
  list: Checklist,
  world: World,
): Promise<FleetPlan> {
  const outputs = await readOutputs(world);
  const url = options.url ?? outputs.public_url ?? publicUrl;
  if (url === undefined) {
    throw new Refused("Give the public URL with --url: deploy.yml has no Ingress with TLS");
  }
  const live = await lookAtFleet(objects, options.context ?? outputs.kubernetes_context, list, world);
  return { tag, manifest: text, objects, url, live };
}

async function prepareEdge(list: Checklist, world: World): Promise<EdgePlan | undefined> {
  const app = await list.access(
    "edge",
    () => readApp(world),
    ({ org, app }) => `deno.json names ${org}/${app}`,
  );
  if (app === undefined) return undefined;
  const denoDeploy = new DenoDeploy(app, world, world.stop);
  const found = await list.access("deno deploy", async () => {
    await denoDeploy.signedIn();
    return { serving: await denoDeploy.current() };
  }, ({ serving }) => `signed in; ${serving ?? "no revision"} serves now`);
  return { denoDeploy, signedIn: found !== undefined, serving: found?.serving };
}

const short = (commit: string) => commit.slice(0, 12);
