import { z } from "zod";
import { type KubernetesObject, parseManifest } from "../../ops/deploy/manifest.ts";

/** deploy.yml as it stands in the checkout, with the lines of everything. */
export const SOURCE = await Deno.readTextFile(new URL("../../deploy.yml", import.meta.url));
const { objects, mistakes } = parseManifest(SOURCE);
if (mistakes.length > 0) {
  throw new Error(
    `Read deploy.yml failed: ${mistakes.map(({ line, what }) => `${line}: ${what}`).join("; ")}`,
  );
}
export const OBJECTS: readonly KubernetesObject[] = objects;

/** All objects of a kind, read as the schema says; what the schema does not name is left out. */
export function all<S extends z.ZodType>(kind: string, schema: S): z.output<S>[] {
  return objects.filter((object) => object.kind === kind).map(({ body, metadata }) => {
    const { success, data, error } = schema.safeParse(body);
    if (!success) throw new Error(`Read ${kind} "${metadata.name}" failed: ${z.prettifyError(error)}`);
    return data;
  });
}

/** The one object of that kind and name. */
export function one<S extends z.ZodType>(kind: string, name: string, schema: S): z.output<S> {
  const Named = z.object({ metadata: z.object({ name: z.string() }) });
  const found = all(kind, z.intersection(Named, schema)).filter(({ metadata }) => metadata.name === name);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`Find ${kind} "${name}" failed`);
  return found[0];
}

const labels = z.record(z.string(), z.string());
export const Metadata = z.object({ name: z.string(), namespace: z.string() });
export const Resources = z.object({ requests: labels, limits: labels });

const Probe = z.object({
  httpGet: z.object({ path: z.string(), port: z.string() }).optional(),
  periodSeconds: z.number(),
  timeoutSeconds: z.number(),
  failureThreshold: z.number().default(3),
});

/** Strict: a variable has its value here or takes it from a Secret, in no other way. */
export const Variable = z.union([
  z.strictObject({ name: z.string(), value: z.string() }),
  z.strictObject({
    name: z.string(),
    valueFrom: z.strictObject({ secretKeyRef: z.strictObject({ name: z.string(), key: z.string() }) }),
  }),
]);

export const Container = z.object({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()).default([]),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).default([]),
  env: z.array(Variable).default([]),
  resources: Resources,
  startupProbe: Probe.optional(),
  livenessProbe: Probe.optional(),
  readinessProbe: Probe.optional(),
  lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) }).optional(),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })).default([]),
});
export type Container = z.output<typeof Container>;

const Volume = z.object({
  name: z.string(),
  secret: z.object({ secretName: z.string(), defaultMode: z.number().optional() }).optional(),
  configMap: z.object({ name: z.string() }).optional(),
});

const PodTemplate = z.object({
  metadata: z.object({ labels, annotations: labels.default({}) }),
  spec: z.object({
    automountServiceAccountToken: z.literal(false),
    enableServiceLinks: z.literal(false),
    priorityClassName: z.string(),
    terminationGracePeriodSeconds: z.number(),
    securityContext: z.looseObject({}),
    topologySpreadConstraints: z.array(z.object({
      topologyKey: z.string(),
      whenUnsatisfiable: z.string(),
      labelSelector: z.object({ matchLabels: labels }),
    })).default([]),
    initContainers: z.array(Container).default([]),
    containers: z.array(Container),
    volumes: z.array(Volume).default([]),
  }),
});

/** Deployment or StatefulSet. */
export const Workload = z.object({
  kind: z.string(),
  metadata: Metadata,
  spec: z.object({
    replicas: z.number().optional(),
    selector: z.object({ matchLabels: labels }),
    template: PodTemplate,
  }),
});
export type Workload = z.output<typeof Workload>;

export const WORKLOADS: readonly Workload[] = ["Deployment", "StatefulSet"].flatMap((kind) =>
  all(kind, Workload)
);

/** CronJob, with its pods where a Workload has them. */
export const Job = z.object({
  metadata: Metadata,
  spec: z.object({
    concurrencyPolicy: z.string(),
    jobTemplate: z.object({
      spec: z.object({
        backoffLimit: z.number(),
        activeDeadlineSeconds: z.number(),
        template: PodTemplate,
      }),
    }),
  }),
}).transform(({ metadata, spec: { jobTemplate, ...spec } }) => ({
  metadata,
  spec: { ...spec, ...jobTemplate.spec },
}));
export type Job = z.output<typeof Job>;

export const JOBS: readonly Job[] = all("CronJob", Job);

export const SERVICES = all(
  "Service",
  z.object({
    metadata: Metadata,
    spec: z.object({
      selector: labels,
      ports: z.array(z.object({ port: z.number(), targetPort: z.string() })),
    }),
  }),
);

/** The container of a pod that has one. */
export function onlyContainer({ metadata, spec }: Workload | Job): Container {
  const [container, ...more] = spec.template.spec.containers;
  if (container === undefined || more.length > 0) {
    throw new Error(`Find one container in "${metadata.name}" failed`);
  }
  return container;
}
