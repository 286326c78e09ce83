import { z } from "zod";

/**
 * Whether the policies let `from` open a connection to `to` at the port, as Kubernetes defines it: a direction that
 * some policy speaks of for a pod is closed to it but for what any of these policies allows; one that none speaks of
 * is open. Both ends must agree. Policies hold for pods of the cluster only.
 */
export function allows(network: Network, from: Endpoint, to: Endpoint, at: Port): boolean {
  return mayLeave(network, from, to, at) && mayEnter(network, from, to, at);
}

/** The word of the policies about `from` alone. */
export function mayLeave(network: Network, from: Endpoint, to: Endpoint, at: Port): boolean {
  return passes(network, "Egress", from, to, at);
}

/** The word of the policies about `to` alone. */
export function mayEnter(network: Network, from: Endpoint, to: Endpoint, at: Port): boolean {
  return passes(network, "Ingress", to, from, at);
}

function passes(network: Network, direction: Direction, pod: Endpoint, peer: Endpoint, at: Port): boolean {
  const { namespace, labels } = pod;
  if (namespace === undefined) return true;
  const about = network.policies.filter(({ metadata, spec }) =>
    metadata.namespace === namespace && spec.policyTypes.includes(direction) &&
    selects(spec.podSelector, labels)
  );
  if (about.length === 0) return true;
  return about.some(({ spec }) => {
    const rules = direction === "Ingress"
      ? spec.ingress.map(({ from, ports }) => ({ peers: from, ports }))
      : spec.egress.map(({ to, ports }) => ({ peers: to, ports }));
    return rules.some(({ peers, ports }) =>
      (peers.length === 0 || peers.some((rule) => isPeer(network, namespace, rule, peer))) &&
      (ports.length === 0 || ports.some((rule) => isPort(rule, at)))
    );
  });
}

function isPeer(network: Network, namespace: string, rule: Peer, { ip, ...pod }: Endpoint): boolean {
  if (rule.ipBlock !== undefined) return ip !== undefined && isInside(rule.ipBlock, ip);
  if (pod.namespace === undefined) return false;
  const rightNamespace = rule.namespaceSelector === undefined
    ? pod.namespace === namespace
    : selects(rule.namespaceSelector, network.namespaces[pod.namespace] ?? {});
  return rightNamespace && (rule.podSelector === undefined || selects(rule.podSelector, pod.labels));
}

function isPort({ port, endPort, protocol }: PortRule, at: Port): boolean {
  if (protocol !== at.protocol) return false;
  return port === undefined || (at.port >= port && at.port <= (endPort ?? port));
}

function selects({ matchLabels, matchExpressions }: Selector, labels: Labels): boolean {
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      const value = labels[key];
      switch (operator) {
        case "In":
          return value !== undefined && values.includes(value);
        case "NotIn":
          return value === undefined || !values.includes(value);
        case "Exists":
          return value !== undefined;
        case "DoesNotExist":
          return value === undefined;
      }
    });
}

function isInside({ cidr, except }: { cidr: string; except: readonly string[] }, ip: string): boolean {
  return isInRange(cidr, ip) && !except.some((range) => isInRange(range, ip));
}

function isInRange(cidr: string, ip: string): boolean {
  const [base = "", bits = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  return Math.floor(toNumber(base) / size) === Math.floor(toNumber(ip) / size);
}

const toNumber = (ip: string) => ip.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

export interface Network {
  readonly policies: readonly Policy[];
  /** Labels of the namespaces. */
  readonly namespaces: Readonly<Record<string, Labels>>;
}

/** A pod of a namespace, or without one an address outside of the cluster. */
export interface Endpoint {
  readonly namespace?: string;
  readonly labels: Labels;
  /** IPv4, of what `ipBlock` is meant for: Kubernetes leaves open whether it holds for pods. */
  readonly ip?: string;
}

export interface Port {
  readonly port: number;
  readonly protocol: "TCP" | "UDP" | "SCTP";
}

type Labels = Readonly<Record<string, string>>;
type Direction = "Ingress" | "Egress";

const Selector = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).default({}),
  matchExpressions: z.array(z.strictObject({
    key: z.string(),
    operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]),
    values: z.array(z.string()).default([]),
  })).default([]),
});
const Peer = z.strictObject({
  podSelector: Selector.optional(),
  namespaceSelector: Selector.optional(),
  ipBlock: z.strictObject({ cidr: z.string(), except: z.array(z.string()).default([]) }).optional(),
});
const PortRule = z.strictObject({
  port: z.number().optional(),
  endPort: z.number().optional(),
  protocol: z.enum(["TCP", "UDP", "SCTP"]).default("TCP"),
});
const peers = z.array(Peer).default([]);
const ports = z.array(PortRule).default([]);

/** A NetworkPolicy as deploy.yml writes them: with `policyTypes`, and with ports by number. */
export const Policy = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.strictObject({
    podSelector: Selector,
    policyTypes: z.array(z.enum(["Ingress", "Egress"])),
    ingress: z.array(z.strictObject({ from: peers, ports })).default([]),
    egress: z.array(z.strictObject({ to: peers, ports })).default([]),
  }),
});
export type Policy = z.output<typeof Policy>;
type Selector = z.output<typeof Selector>;
type Peer = z.output<typeof Peer>;
type PortRule = z.output<typeof PortRule>;
