import { z } from "zod";
import { all } from "../fleet.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { clusterTools } from "./cluster_tools.ts";
import { takeDefinitions } from "./definitions.ts";
import type { Step } from "./finding.ts";
import { renderedManifest } from "./rendered.ts";

/**
 * A real API server takes the operators' definitions and the whole manifest by server-side apply, a second time without
 * a change; lets in the pods of each workload, and refuses what it must.
 */
export const tryApiServer: Step = async (say) => {
  await using cluster = await startCluster(await clusterTools(say));
  const definitions = await takeDefinitions(cluster);
  const manifest = await renderedManifest();
  const first = await apply(cluster, manifest);
  const second = await apply(cluster, manifest);
  const versions = new Map(first.objects.map(({ metadata }) => [metadata.uid, metadata.resourceVersion]));
  const changed = second.objects.filter(({ metadata }) =>
    versions.get(metadata.uid) !== metadata.resourceVersion
  );
  const pods = workloadPods();
  const refused = (await Promise.all(pods.map((pod) => refusalOf(cluster, pod)))).filter((why) =>
    why !== undefined
  );
  const faults = [
    ...[...first.warnings, ...second.warnings],
    ...changed.map(({ kind, metadata }) =>
      `${kind} ${metadata.name} changed when the same was applied again`
    ),
    ...refused,
    ...await wronglyTaken(cluster, manifest),
  ];
  const server = z.object({ gitVersion: z.string() })
    .parse(JSON.parse(await cluster.must(["get", "--raw", "/version"])));
  return {
    name: "API server",
    summary:
      `kube-apiserver ${server.gitVersion} took ${definitions} definitions and ${first.objects.length} objects, ` +
      `${second.objects.length - changed.length} unchanged at the second apply, and let in ${
        pods.length - refused.length
      } ` +
      `of ${pods.length} pods under Pod Security`,
    passed: definitions + second.objects.length - changed.length + pods.length - refused.length,
    faults,
  };
};

async function apply(cluster: Cluster, manifest: string): Promise<Applied> {
  const args = [
    "apply",
    "--server-side",
    "--field-manager=kependudukan",
    "--validate=strict",
    "-o",
    "json",
    "-f",
    "-",
  ];
  const ran = await cluster.kubectl(args, { stdin: manifest });
  if (ran.kind !== "ended" || ran.code !== 0) throw new Error(`Apply failed: ${JSON.stringify(ran)}`);
  const { items } = List.parse(JSON.parse(ran.stdout));
  return { objects: items, warnings: ran.stderr.split("\n").filter((line) => line.startsWith("Warning")) };
}

/** Why a pod is not let in, if so. */
async function refusalOf(cluster: Cluster, pod: Pod): Promise<string | undefined> {
  const ran = await cluster.kubectl(["create", "--dry-run=server", "-f", "-"], {
    stdin: JSON.stringify(pod),
  });
  return ran.kind === "ended" && ran.code === 0
    ? undefined
    : `Pod ${pod.metadata.name}: ${JSON.stringify(ran)}`;
}

/** The trial of the trial: a typo, and a pod that wants to be root, must not pass. */
async function wronglyTaken(cluster: Cluster, manifest: string): Promise<string[]> {
  const faults: string[] = [];
  const typo = manifest.replace("  minReplicas: 3\n", "  minReplica: 3\n");
  const ran = await cluster.kubectl(["apply", "--server-side", "--validate=strict", "-f", "-"], {
    stdin: typo,
  });
  if (ran.kind !== "ended" || ran.code === 0 || !ran.stderr.includes("minReplica")) {
    faults.push("A typo was taken");
  }
  const root = { containers: [{ name: "root", image: "root:1", securityContext: { runAsUser: 0 } }] };
  const pod = { ...POD, metadata: { name: "root", namespace: "services" }, spec: root };
  if (!(await refusalOf(cluster, pod))?.includes("violates PodSecurity")) {
    faults.push("A pod as root was let in");
  }
  return faults;
}

function workloadPods(): Pod[] {
  const jobs = all("CronJob", JobTemplate).map(({ metadata, spec }) => ({
    metadata,
    spec: spec.jobTemplate.spec,
  }));
  const workloads = ["Deployment", "StatefulSet"].flatMap((kind) => all(kind, Template));
  return [...workloads, ...jobs].map(({ metadata, spec: { template } }) => (
    { ...POD, metadata: { ...template.metadata, ...metadata }, spec: template.spec }
  ));
}

interface Applied {
  readonly objects: z.output<typeof List>["items"];
  readonly warnings: readonly string[];
}

interface Pod {
  readonly apiVersion: "v1";
  readonly kind: "Pod";
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: object;
}

const POD = { apiVersion: "v1", kind: "Pod" } as const;
const Template = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.object({ template: z.object({ metadata: z.looseObject({}), spec: z.looseObject({}) }) }),
});
const JobTemplate = z.object({
  metadata: Template.shape.metadata,
  spec: z.object({ jobTemplate: z.object({ spec: Template.shape.spec }) }),
});
const List = z.object({
  items: z.array(z.object({
    kind: z.string(),
    metadata: z.object({ name: z.string(), uid: z.string(), resourceVersion: z.string() }),
  })),
});
