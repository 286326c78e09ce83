import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { z } from "zod";
import { PARTS } from "../../shared/config/config.ts";
import { all, JOBS, Metadata, OBJECTS, one, Workload, WORKLOADS } from "./fleet.ts";

const selected = z.object({
  metadata: Metadata,
  spec: z.object({ selector: z.object({ matchLabels: z.record(z.string(), z.string()) }) }),
});
const PRIORITIES = all("PriorityClass", z.object({ metadata: z.object({ name: z.string() }) })).map((
  { metadata },
) => metadata.name);
const PARTS_OF_OURS = PARTS.map((part) => one("Deployment", part, Workload));

describe("pods of deploy.yml", () => {
  it("run without rights, with a read-only root file system, whoever makes them", () => {
    const contexts = OBJECTS.flatMap(({ kind, metadata, body }) =>
      securityContextsIn(body).map(([path, context]) => ({ at: `${kind} ${metadata.name}${path}`, context }))
    );
    for (const { at, context } of contexts) {
      assert.deepEqual({ ...context, ...(isForContainer(at) ? CONTAINER : POD) }, context, at);
    }
    const containers = contexts.filter(({ at }) => isForContainer(at)).map(({ at }) => at);
    const ours = [...WORKLOADS, ...JOBS].flatMap((
      { spec: { template: { spec } } },
    ) => [...spec.initContainers, ...spec.containers]);
    assert.equal(containers.length, ours.length + OF_OPERATORS, containers.join("\n"));
  });

  it("are no known user of a node, nor root", () => {
    for (const { metadata, spec } of [...WORKLOADS, ...JOBS]) {
      const { runAsUser, runAsGroup } = z.object({ runAsUser: z.number(), runAsGroup: z.number() })
        .parse(spec.template.spec.securityContext);
      assert.ok(runAsUser > 10_000 && runAsGroup > 10_000, metadata.name);
    }
  });

  it("are restricted by Pod Security in every namespace", () => {
    for (
      const { metadata } of all(
        "Namespace",
        z.object({ metadata: z.object({ labels: z.record(z.string(), z.string()) }) }),
      )
    ) {
      assert.equal(metadata.labels["pod-security.kubernetes.io/enforce"], "restricted");
    }
  });

  it("have a priority, and a budget that selects them and them only", () => {
    const budgets = all(
      "PodDisruptionBudget",
      selected.and(z.object({ spec: z.object({ maxUnavailable: z.literal(1) }) })),
    );
    for (const { metadata: { name, namespace }, spec: { template } } of WORKLOADS) {
      assert.ok(PRIORITIES.includes(template.spec.priorityClassName), name);
      const labels = Object.entries(template.metadata.labels);
      const mine = budgets.filter((budget) =>
        budget.metadata.namespace === namespace &&
        Object.entries(budget.spec.selector.matchLabels).every(([key, value]) =>
          labels.some(([k, v]) => k === key && v === value)
        )
      );
      assert.deepEqual(mine.map(({ metadata }) => metadata.name), [name]);
    }
  });

  it("spread over zones by their own label, wherever there is more than one", () => {
    for (const { metadata: { name }, spec: { replicas, selector, template } } of WORKLOADS) {
      if (replicas === 1) continue;
      const byZone = template.spec.topologySpreadConstraints.filter(({ topologyKey, whenUnsatisfiable }) =>
        topologyKey === "topology.kubernetes.io/zone" && whenUnsatisfiable === "DoNotSchedule"
      );
      assert.deepEqual(byZone.map(({ labelSelector }) => labelSelector), [selector], name);
      assert.ok(
        Object.entries(selector.matchLabels).every(([key, value]) => template.metadata.labels[key] === value),
      );
    }
  });

  it("of a job have a priority and an end, run one at a time, and fail where people see it", () => {
    assert.deepEqual(JOBS.map(({ metadata }) => metadata.name), ["reconcile"]);
    for (const { metadata: { name }, spec } of JOBS) {
      assert.ok(PRIORITIES.includes(spec.template.spec.priorityClassName), name);
      assert.ok(spec.activeDeadlineSeconds > 0, name);
      assert.equal(spec.concurrencyPolicy, "Forbid", name);
      assert.equal(spec.backoffLimit, 0, "a difference would be gone by the second try, or told thrice");
    }
  });

  it("leave their number to the autoscaler where they have one", () => {
    const Autoscaler = z.object({ spec: z.object({ scaleTargetRef: z.object({ name: z.string() }) }) });
    const targets = ["HorizontalPodAutoscaler", "ScaledObject"].flatMap((kind) => all(kind, Autoscaler))
      .map(({ spec }) => spec.scaleTargetRef.name);
    assert.deepEqual(targets.sort(), ["edge", "notification", "registration", "statistics"]);
    for (const { metadata: { name }, spec: { replicas } } of WORKLOADS) {
      assert.equal(replicas === undefined, targets.includes(name), name);
    }
  });

  it("of our own start when all their servers answer and then serve while they live", () => {
    for (const { metadata: { name }, spec: { template } } of PARTS_OF_OURS) {
      const [{ startupProbe, livenessProbe, readinessProbe, ports } = NONE] = template.spec.containers;
      const operations = name === "edge" ? "operations" : "http";
      assert.ok(ports.some((port) => port.name === operations), name);
      assert.deepEqual(startupProbe?.httpGet, { path: "/readyz", port: operations }, name);
      assert.deepEqual(livenessProbe?.httpGet, { path: "/healthz", port: operations }, name);
      assert.deepEqual(readinessProbe?.httpGet, { path: "/healthz", port: operations }, name);
      // shared/resilience/reach.ts waits for servers before anything listens.
      assert.ok((startupProbe?.periodSeconds ?? 0) * (startupProbe?.failureThreshold ?? 0) > 60, name);
    }
  });

  it("of others have probes as well", () => {
    for (const { metadata: { name }, spec: { template } } of WORKLOADS) {
      for (const { livenessProbe, readinessProbe } of template.spec.containers) {
        assert.ok(livenessProbe !== undefined && readinessProbe !== undefined, name);
      }
    }
  });

  it("of our own drain: a request gets its whole deadline, and the process its time to stop", async () => {
    const stop = await constant("shared/runtime/stop.ts", /STOP_MS = ([\d_]+)/);
    const deadline = await constant("edge/app.ts", /deadlineMs = ([\d_]+)/);
    for (const { metadata: { name }, spec: { template } } of PARTS_OF_OURS) {
      const [{ lifecycle } = NONE] = template.spec.containers;
      const drain = (lifecycle?.preStop.sleep.seconds ?? 0) * 1000;
      assert.ok(drain > 0 && drain + stop > deadline, name);
      assert.ok(template.spec.terminationGracePeriodSeconds * 1000 > drain + stop, name);
    }
  });
});

type Context = Readonly<Record<string, unknown>>;
const POD = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
const CONTAINER = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};
/** PostgreSQL 1; Kafka 2 and its entity operator 2; MongoDB 2, and 2 that run before. */
const OF_OPERATORS = 9;
const NONE = {
  startupProbe: undefined,
  livenessProbe: undefined,
  readinessProbe: undefined,
  lifecycle: undefined,
  ports: [],
};

function isForContainer(path: string): boolean {
  return /[cC]ontainers?(\.\d+)?\.securityContext$/.test(path) || path.startsWith("Cluster ");
}

function securityContextsIn(value: unknown, path = ""): [path: string, Context][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]): [string, Context][] =>
    key === "securityContext"
      ? [[`${path}.${key}`, z.looseObject({}).parse(inner)]]
      : securityContextsIn(inner, `${path}.${key}`)
  );
}

/** A number of the code that the manifest must agree with, in milliseconds. */
async function constant(file: string, pattern: RegExp): Promise<number> {
  const [, digits] = pattern.exec(await Deno.readTextFile(file)) ?? [];
  if (digits === undefined) throw new Error(`Find ${pattern} in "${file}" failed`);
  return Number(digits.replaceAll("_", ""));
}
