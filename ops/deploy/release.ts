import { Cluster } from "./cluster.ts";
import { DenoDeploy } from "./edge.ts";
import { parseManifest } from "./manifest.ts";
import type { Options } from "./options.ts";
import { type EdgePlan, type FleetPlan, forgottenBy, type LiveFleet, type Plan } from "./plan.ts";
import { awaitRollout, awaitServers } from "./rollout.ts";
import { smokeTest } from "./smoke.ts";
import { Refused, type World } from "./world.ts";

/** Applies, waits for the new pods and tries the public URL; throws `Refused` with the way back in `undo`. */
export async function releaseFleet(
  fleet: FleetPlan,
  undo: Undo[],
  options: Options,
  world: World,
): Promise<void> {
  const { live, manifest, objects, url } = fleet;
  const { say, stop: signal } = world;
  if (live === undefined) throw new Refused("Name the cluster with --context");
  say("\nFleet");
  undo.push(wayBackOfFleet(live, fleet, options, world));
  const wait = { withinMs: options.timeoutMs, signal, say };
  // The servers first: a Deployment that waits for them in vain would be called failed by Kubernetes.
  const before = objects.filter(({ kind }) => !AFTER_SERVERS.has(kind));
  await live.cluster.apply(before.map(({ body }) => JSON.stringify(body)).join("\n---\n"));
  await awaitServers(live.cluster, before, wait);
  await live.cluster.apply(manifest);
  say(`  applied    ${objects.length} objects`);
  await awaitRollout(live.cluster, objects, wait);
  await smokeTest(url, world);
}

/** Publishes to Deno Deploy and tries the URL of production; answers the revision. */
export async function releaseEdge(
  { denoDeploy, serving }: EdgePlan,
  commit: string,
  undo: Undo[],
  world: World,
): Promise<string> {
  const { say } = world;
  say("\nEdge");
  undo.push(wayBackOfEdge(denoDeploy, serving, world));
  const { revision, url } = await denoDeploy.publish(commit);
  say(`  published  revision ${revision}`);
  if (url === undefined) {
    throw new Refused("Give production of the application a domain: Deno Deploy names none");
  }
  await smokeTest(url, world);
  return revision;
}

/** Keeps what a later deployment needs to come back to this one, also when Ctrl-C comes now: all that runs is good. */
export async function keep(
  { commit, fleet, edge }: Plan,
  revision: string | undefined,
  world: World,
): Promise<void> {
  if (fleet?.live) {
    const { tag, manifest } = fleet;
    await new Cluster(fleet.live.cluster.context, world, world.abandon).keepRelease({
      commit,
      tag,
      manifest,
    });
  }
  if (edge && revision !== undefined) {
    const tag = await new DenoDeploy(edge.denoDeploy.app, world, world.abandon).remember(revision, commit);
    world.say(`\nFor others who deploy: git push origin ${tag}`);
  }
}

const AFTER_SERVERS = new Set(["Deployment", "HorizontalPodAutoscaler", "ScaledObject"]);

export interface Undo {
  readonly what: string;
  /** Answers in a few words what serves again; throws when it could not. */
  readonly run: () => Promise<string>;
  /** What a person does when it could not. */
  readonly byHand: string;
}

/**
 * Applies the manifest of the release before. Unlike `kubectl rollout undo` it also brings back what is not a pod
 * template (policies, configuration, autoscalers), and needs no history of replica sets.
 */
function wayBackOfFleet(
  { cluster, previous }: LiveFleet,
  fleet: FleetPlan,
  options: Options,
  world: World,
): Undo {
  const { context } = cluster;
  return {
    what: `the fleet of context "${context}"`,
    byHand:
      `Look with: kubectl --context ${context} get pods --all-namespaces; then deploy a commit that works`,
    async run() {
      if (previous === undefined) throw new Refused("no release was kept before it");
      const again = new Cluster(context, world, world.abandon);
      const { objects } = parseManifest(previous.manifest);
      await again.apply(previous.manifest);
      const { timeoutMs: withinMs } = options;
      await awaitRollout(again, objects, { withinMs, signal: world.abandon, say: world.say });
      const left = forgottenBy(objects, fleet.objects);
      return `release ${previous.tag} runs again${
        left.length > 0 ? `; new and still there: ${left.join(", ")}` : ""
      }`;
    },
  };
}

function wayBackOfEdge({ app }: DenoDeploy, serving: string | undefined, world: World): Undo {
  const timelines = `https://console.deno.com/${app.org}/${app.app}`;
  return {
    what: `the edge ${app.org}/${app.app}`,
    byHand: `Lock revision ${serving ?? "(none before)"} on the timelines page of ${timelines}`,
    async run() {
      const again = new DenoDeploy(app, world, world.abandon);
      if (await again.current() === serving) return `revision ${serving ?? "(none)"} has served all the time`;
      if (serving === undefined) throw new Refused("no revision served before it");
      await again.goBackTo(serving);
      return `what revision ${serving} was built of serves again`;
    },
  };
}
