import { z } from "zod";
import type { KubernetesObject } from "../deploy/manifest.ts";

/** The pods that a manifest asks for when nothing is scaled out, each with what it reserves. */
export function podsOf(objects: readonly KubernetesObject[]): readonly Pod[] {
  const least = new Map<string, number>();
  for (const { body } of objects) {
    const { success, data } = Autoscaler.safeParse(body);
    if (success) {
      least.set(data.spec.scaleTargetRef.name, data.spec.minReplicas ?? data.spec.minReplicaCount ?? 1);
    }
  }
  return objects.flatMap(({ body, kind, metadata: { name } }) => {
    const { success, data } = Workload.safeParse(body);
    if (!success) return [];
    const { count = least.get(name) ?? 1, ...each } = data;
    return Array.from({ length: count }, () => ({ name: `${kind} ${name}`, ...each }));
  });
}

export interface Pod {
  /** Of what it is a pod. */
  readonly name: string;
  readonly cpu: number;
  /** GiB. */
  readonly memory: number;
  /** GiB; 0 for a pod that keeps nothing. */
  readonly disk: number;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/, the units that we use. */
const quantity = (units: Readonly<Record<string, number>>) =>
  z.string().transform((text, context) => {
    const [, number, unit = ""] = /^(\d+)(\w*)$/.exec(text) ?? [];
    const factor = units[unit];
    if (number !== undefined && factor !== undefined) return Number(number) * factor;
    context.addIssue({
      code: "custom",
      message: `must be a number with one of the units ${Object.keys(units)}`,
    });
    return z.NEVER;
  });
const cpu = quantity({ "": 1, m: 1 / 1000 });
const gib = quantity({ Mi: 1 / 1024, Gi: 1, Ti: 1024 });

const Resources = z.object({ requests: z.object({ cpu, memory: gib }) }).transform(({ requests }) =>
  requests
);
const Containers = z.array(z.object({ resources: Resources })).transform((containers) => ({
  cpu: containers.reduce((sum, { resources }) => sum + resources.cpu, 0),
  memory: containers.reduce((sum, { resources }) => sum + resources.memory, 0),
}));
const Template = z.object({ spec: z.object({ containers: Containers }) }).transform(({ spec }) =>
  spec.containers
);
const Claim = z.object({ spec: z.object({ resources: z.object({ requests: z.object({ storage: gib }) }) }) });

const Workload = z.union([
  z.object({
    kind: z.enum(["Deployment", "StatefulSet"]),
    spec: z.object({ replicas: z.number().optional(), template: Template }),
  }).transform(({ spec }) => ({ count: spec.replicas, ...spec.template, disk: 0 })),
  z.object({
    kind: z.literal("Cluster"),
    spec: z.object({ instances: z.number(), resources: Resources, storage: z.object({ size: gib }) }),
  }).transform(({ spec }) => ({ count: spec.instances, ...spec.resources, disk: spec.storage.size })),
  z.object({
    kind: z.literal("KafkaNodePool"),
    spec: z.object({
      replicas: z.number(),
      resources: Resources,
      storage: z.object({ volumes: z.array(z.object({ size: gib })) }),
    }),
  }).transform(({ spec }) => ({
    count: spec.replicas,
    ...spec.resources,
    disk: spec.storage.volumes.reduce((sum, { size }) => sum + size, 0),
  })),
  z.object({
    kind: z.literal("MongoDBCommunity"),
    spec: z.object({
      members: z.number(),
      statefulSet: z.object({ spec: z.object({ template: Template, volumeClaimTemplates: z.array(Claim) }) }),
    }),
  }).transform(({ spec: { members, statefulSet: { spec } } }) => ({
    count: members,
    ...spec.template,
    disk: spec.volumeClaimTemplates.reduce((sum, claim) => sum + claim.spec.resources.requests.storage, 0),
  })),
]);

const Autoscaler = z.object({
  kind: z.enum(["HorizontalPodAutoscaler", "ScaledObject"]),
  spec: z.object({
    scaleTargetRef: z.object({ name: z.string() }),
    minReplicas: z.number().optional(),
    minReplicaCount: z.number().optional(),
  }),
});
