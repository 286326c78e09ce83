import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { z } from "zod";
import { all, WORKLOADS } from "./fleet.ts";
import { ARROWS } from "./network/architecture.ts";
import { ENDPOINTS } from "./network/endpoints.ts";
import {
  allows,
  type Endpoint,
  mayEnter,
  mayLeave,
  type Network,
  Policy,
  type Port,
} from "./network/policy.ts";

const OURS = all("Namespace", z.object({ metadata: z.object({ name: z.string() }) }))
  .map(({ metadata }) => metadata.name);
const POLICIES = all("NetworkPolicy", Policy);
const NETWORK: Network = { policies: POLICIES, namespaces: namespaces() };
const PORTS = everyPort();
const PAIRS = Object.entries(ENDPOINTS).flatMap((from) =>
  Object.entries(ENDPOINTS).map((to) => [from, to] as const)
);

describe("network policies of deploy.yml", () => {
  it("allow the arrows of the architecture and no other", () => {
    assert.deepEqual(passing(allows, NETWORK), arrows());
  });

  it("allow them at each end alone, so that a mistake at the other opens nothing", () => {
    assert.deepEqual(passing(mayLeave, NETWORK, (from) => isOurs(from)), arrows((from) => isOurs(from)));
    assert.deepEqual(passing(mayEnter, NETWORK, (_, to) => isOurs(to)), arrows((_, to) => isOurs(to)));
  });

  it("are each needed: without any one of them something else passes or is refused", () => {
    const whole = arrows().join();
    for (const policy of POLICIES) {
      const without = { ...NETWORK, policies: POLICIES.filter((other) => other !== policy) };
      assert.notEqual(
        passing(allows, without).join(),
        whole,
        `${policy.metadata.namespace}/${policy.metadata.name}`,
      );
    }
  });

  it("deny by default, in and out, in every namespace", () => {
    const denying = POLICIES.filter(({ spec: { podSelector, policyTypes, ingress, egress } }) =>
      Object.keys(podSelector.matchLabels).length + podSelector.matchExpressions.length === 0 &&
      policyTypes.length === 2 && ingress.length + egress.length === 0
    );
    assert.deepEqual(denying.map(({ metadata }) => metadata.namespace).sort(), [...OURS].sort());
  });
});

/** Every pair and port that passes. Between two ends that are not ours, our policies say nothing. */
function passing(passes: typeof allows, network: Network, among: Among = eitherOurs): string[] {
  return PAIRS.filter(([[, from], [, to]]) => among(from, to))
    .flatMap(([[from, source], [to, target]]) =>
      PORTS.filter((port) => passes(network, source, target, port)).map((port) => arrow(from, to, port))
    )
    .sort();
}

/** The same of the architecture. */
function arrows(among: Among = eitherOurs): string[] {
  const everyone = Object.keys(ENDPOINTS).filter((name) => isOurs(endpoint(name)));
  return ARROWS.flatMap(([source, to, port, protocol]) => {
    const at: Port = { port, protocol: protocol ?? "TCP" };
    const sources = source === "everyone" ? everyone : [source];
    return sources.filter((from) => among(endpoint(from), endpoint(to))).map((from) => arrow(from, to, at));
  }).sort();
}

type Among = (from: Endpoint, to: Endpoint) => boolean;

function eitherOurs(from: Endpoint, to: Endpoint): boolean {
  return isOurs(from) || isOurs(to);
}

function isOurs({ namespace }: Endpoint): boolean {
  return namespace !== undefined && OURS.includes(namespace);
}

function endpoint(name: string): Endpoint {
  const found = ENDPOINTS[name];
  if (found === undefined) throw new Error(`Find the endpoint "${name}" failed`);
  return found;
}

function arrow(from: string, to: string, { port, protocol }: Port): string {
  return `${from} → ${to}:${port}/${protocol}`;
}

/** What any pod listens on, what any policy names, the edges of every range, and some that nobody does. */
function everyPort(): Port[] {
  const rules = POLICIES.flatMap(({ spec }) =>
    [...spec.ingress, ...spec.egress].flatMap(({ ports }) => ports)
  );
  const containers = WORKLOADS.flatMap(({ spec }) => spec.template.spec.containers);
  const numbers = new Set([
    ...rules.flatMap(({ port = 0, endPort = port }) => [port, endPort, endPort + 1]),
    ...containers.flatMap(({ ports }) => ports.map(({ containerPort }) => containerPort)),
    ...[22, 3000, 10250],
  ]);
  return [...numbers].flatMap((port) => [{ port, protocol: "TCP" }, { port, protocol: "UDP" }] as const);
}

function namespaces(): Network["namespaces"] {
  const names = Object.values(ENDPOINTS).flatMap(({ namespace }) => namespace ?? []);
  return Object.fromEntries(names.map((name) => [name, { "kubernetes.io/metadata.name": name }]));
}
