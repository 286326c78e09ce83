import type { Cluster, Difference, Release } from "./cluster.ts";
import type { DenoDeploy } from "./edge.ts";
import { type KubernetesObject, nameOf } from "./manifest.ts";
import type { World } from "./world.ts";

/** Says in a few lines what the release will do. */
export function showPlan({ commit, fleet, edge }: Plan, say: World["say"]): void {
  say("\nPlan");
  if (fleet) showFleet(fleet, say);
  if (edge) {
    const { org, app } = edge.denoDeploy.app;
    say(`  edge       publish ${commit.slice(0, 12)} to production of ${org}/${app} on Deno Deploy`);
    say(`             serving now: ${edge.signedIn ? edge.serving ?? "nothing" : "not asked"}`);
  }
  say("  then       smoke test; if it or a step before fails, all of it is set back");
}

function showFleet({ tag, url, objects, live }: FleetPlan, say: World["say"]): void {
  say(`  fleet      ${objects.length} objects of deploy.yml with images of tag ${tag}, tried at ${url}`);
  if (live === undefined) {
    say("             not compared with a cluster: name one with --context");
    return;
  }
  const { cluster, differences, previous } = live;
  say(
    `             cluster of context "${cluster.context}", where ${
      previous?.tag ?? "no release"
    } was kept last`,
  );
  for (const { object, kind, added, removed } of differences) {
    say(`             ${kind} ${object}${kind === "change" ? `, ${added} lines in and ${removed} out` : ""}`);
  }
  say(`             ${objects.length - differences.length} objects stay as they are`);
  for (const name of live.forgotten) {
    say(`             ${name} is no longer in deploy.yml: delete it by hand when nothing needs it`);
  }
}

/** What the previous release had and this one has no more; apply does not remove it. */
export function forgottenBy(
  objects: readonly KubernetesObject[],
  previous: readonly KubernetesObject[],
): string[] {
  const kept = new Set(objects.map(nameOf));
  return previous.map(nameOf).filter((name) => !kept.has(name));
}

export interface Plan {
  readonly commit: string;
  readonly fleet: FleetPlan | undefined;
  readonly edge: EdgePlan | undefined;
  /** What the person types to go on. */
  readonly confirmation: string;
}

export interface FleetPlan {
  readonly tag: string;
  /** What is applied. */
  readonly manifest: string;
  readonly objects: readonly KubernetesObject[];
  /** Where the public reaches the fleet. */
  readonly url: string;
  /** `undefined` in a dry run without a cluster. */
  readonly live: LiveFleet | undefined;
}

export interface LiveFleet {
  readonly cluster: Cluster;
  readonly differences: readonly Difference[];
  readonly previous: Release | undefined;
  readonly forgotten: readonly string[];
}

export interface EdgePlan {
  readonly denoDeploy: DenoDeploy;
  /** `false` in a dry run without access. */
  readonly signedIn: boolean;
  /** The revision that serves before the release. */
  readonly serving: string | undefined;
}
