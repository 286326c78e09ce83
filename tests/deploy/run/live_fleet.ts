import { z } from "zod";
import { eventually } from "../../e2e/process.ts";
import type { Cluster } from "./cluster.ts";

/** What runs, once the pods of before are gone. */
export async function lookAtFleet(cluster: Cluster): Promise<Fleet> {
  let pods: readonly string[] = [];
  await eventually("the pods of one release run", async () => {
    pods = List.parse(await get(cluster, "pods")).items.flatMap(({ spec }) => tagsOf(spec.containers ?? []));
    return new Set(pods).size === 1;
  }, 30_000);
  const ours = List.parse(await get(cluster, "deployments")).items.map(({ metadata, spec }) => ({
    name: `${metadata.namespace}/${metadata.name}`,
    generation: metadata.generation,
    tags: tagsOf(spec.template?.spec.containers ?? []),
  })).filter(({ tags }) => tags.length > 0);
  const release = [
    "get",
    "configmap/kependudukan-release",
    "--namespace=services",
    "--output=jsonpath={.data.tag}",
  ];
  return {
    tags: new Set([...ours.flatMap(({ tags }) => tags), ...pods]),
    pods: pods.length,
    deployments: new Map(ours.map(({ name, generation }) => [name, generation])),
    kept: await cluster.must(release),
  };
}

export interface Fleet {
  /** Of our images, in templates and pods. */
  readonly tags: ReadonlySet<string>;
  readonly pods: number;
  /** Their generation, which each change of the specification raises. */
  readonly deployments: ReadonlyMap<string, number>;
  /** The tag of the release that a later one is set back to. */
  readonly kept: string;
}

async function get(cluster: Cluster, kind: string): Promise<unknown> {
  return JSON.parse(await cluster.must(["get", kind, "--all-namespaces", "--output=json"]));
}

function tagsOf(containers: readonly { readonly image: string }[]): string[] {
  return containers.flatMap(({ image }) => /\/layanan-kependudukan\/.*:(.*)$/.exec(image)?.[1] ?? []);
}

const Containers = z.array(z.object({ image: z.string() }));
const List = z.object({
  items: z.array(z.object({
    metadata: z.object({ namespace: z.string(), name: z.string(), generation: z.number().default(0) }),
    spec: z.object({
      containers: Containers.optional(),
      template: z.object({ spec: z.object({ containers: Containers }) }).optional(),
    }),
  })),
});
