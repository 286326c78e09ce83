import { capacityPage } from "../capacity/page.ts";
import { parseManifest } from "../deploy/manifest.ts";
import pools from "./pools.auto.tfvars.json" with { type: "json" };
import prices from "./prices.json" with { type: "json" };
import { type Pod, podsOf } from "./pods.ts";

/**
 * ops/capacity.md from what deploy.yml asks for, the measured costs, the node pools and the prices:
 * `deno run --allow-read=deploy.yml --allow-env=LOG_TOKENS,LOG_STREAM ops/terraform/capacity.ts | deno fmt --ext md - > ops/capacity.md`.
 */
export function capacity(manifest: string): string {
  const pods = podsOf(parseManifest(manifest).objects);
  const left = unplaced(pods);
  if (left.length > 0) throw new Error(`Place "${left[0]?.name}" failed: the nodes of the pools are too few`);
  const costs = monthly(pods);
  const total = costs.reduce((sum, cost) => sum + cost.usd, 0);
  return `# Capacity and cost

Made by ops/terraform/capacity.ts; a test holds it against deploy.yml, the measured costs and the node pools.

## What deploy.yml asks for

${table(["part", "pods", "CPU each", "GB each", "disk each, GB"], asked(pods))}

These ${pods.length} pods ask for ${round(sum(pods, "cpu"))} CPU and ${
    round(sum(pods, "memory"))
  } GB. They fit on the pools of pools.auto.tfvars.json, two data servers never on one node. When everything is scaled out, the autoscalers need more nodes, which the pools allow up to ${
    POOLS.reduce((sum, { most }) => sum + most, 0)
  }.

${
    table(
      ["pool", "nodes", "machine", "CPU each for pods", "GB each for pods"],
      POOLS.map((pool) => {
        const { cpu, memory } = lookUp(FOR_PODS, pool.instance_type);
        return [pool.name, pool.nodes, pool.instance_type, cpu, memory];
      }),
    )
  }

${capacityPage(pods)}
## Cost a month

**The prices are assumptions of ${prices.assumedOn} for ${prices.region}, not a quotation: replace them in ops/terraform/prices.json.** On demand, without savings plans, traffic between zones, support, taxes, Twilio and the monitoring stack.

${
    table(
      ["item", "number", "USD each", "USD a month"],
      costs.map((cost) => [cost.item, round(cost.number), cost.each, round(cost.usd)]),
    )
  }

Together ${round(total)} USD a month. Assumed use: ${
    use["million requests a month"]
  } million requests (50 a second on average; the 1,000 a second of the target are the peak), ${
    use["GB out a month"]
  } GB to clients, ${use["GB of backups"]} GB of backups.
`;
}

const POOLS = Object.entries(pools.node_pools).map(([name, pool]) => ({ name, ...pool }));
const HOURS = 730;

/**
 * What a machine leaves to pods. Of 8 CPU and 32 GiB, EKS reserves 90m and 893 Mi, the kubelet evicts at 100 Mi, the
 * kernel keeps about 1 GiB, and the daemons of network, disks and logs take 500m and 1 GiB.
 */
const FOR_PODS: Readonly<Record<string, { cpu: number; memory: number }>> = {
  "m6i.2xlarge": { cpu: 7.4, memory: 29 },
};

const { usd, use } = prices;

function monthly(pods: readonly Pod[]): readonly Cost[] {
  const cost = (item: string, number: number, each: number): Cost => ({
    item,
    number,
    each,
    usd: number * each,
  });
  const nodes = POOLS.reduce((sum, pool) => sum + pool.nodes, 0);
  return [
    ...POOLS.map(({ name, nodes, instance_type }) => {
      return cost(`Nodes of ${name}, hours`, nodes * HOURS, lookUp(usd, `${instance_type}, hour`));
    }),
    cost("EKS cluster, hours", HOURS, usd["EKS cluster, hour"]),
    cost("Disks gp3, GB", sum(pods, "disk") + nodes * 100, usd["gp3 disk, GB-month"]),
    cost("NAT gateways in 3 zones, hours", 3 * HOURS, usd["NAT gateway, hour"]),
    cost("Load balancer, hours", HOURS, usd["Load balancer, hour"]),
    cost("KMS keys", 4, usd["KMS key, month"]),
    cost("Backups, GB", use["GB of backups"], usd["S3, GB-month"]),
    cost("Firewall", 1, usd["Firewall with 4 rules, month"]),
    cost("Firewall, million requests", use["million requests a month"], usd["Firewall, million requests"]),
    cost("CDN, million requests", use["million requests a month"], usd["CDN, million requests"]),
    cost("CDN, GB out", use["GB out a month"], usd["CDN, GB out"]),
  ];
}

/** Largest first onto the first node with room, as a scheduler that preempts would end up. */
function unplaced(pods: readonly Pod[]): readonly Pod[] {
  const free = POOLS.flatMap(({ nodes, instance_type }) => {
    return Array.from({ length: nodes }, () => ({ ...lookUp(FOR_PODS, instance_type), data: false }));
  });
  return pods.toSorted((one, other) => other.cpu - one.cpu).filter((pod) => {
    const node = free.find((node) => {
      return node.cpu >= pod.cpu && node.memory >= pod.memory && !(node.data && pod.disk > 0);
    });
    if (node === undefined) return true;
    node.cpu -= pod.cpu;
    node.memory -= pod.memory;
    node.data ||= pod.disk > 0;
    return false;
  });
}

function asked(pods: readonly Pod[]): readonly Row[] {
  const parts = Map.groupBy(pods, ({ name }) => name);
  return [...parts].map(([name, [first, ...more]]) => {
    return [name, more.length + 1, first?.cpu ?? 0, round(first?.memory ?? 0), round(first?.disk ?? 0)];
  });
}

function lookUp<T>(values: Readonly<Record<string, T>>, name: string): T {
  const value = values[name];
  if (value === undefined) {
    throw new Error(`Look up "${name}" failed: say what it is in prices.json and capacity.ts`);
  }
  return value;
}

function table(head: Row, rows: readonly Row[]): string {
  const line = (row: Row) => `| ${row.join(" | ")} |`;
  return [line(head), line(head.map((_, column) => column === 0 ? "---" : "--:")), ...rows.map(line)].join(
    "\n",
  );
}

function sum(pods: readonly Pod[], what: "cpu" | "memory" | "disk"): number {
  return pods.reduce((sum, pod) => sum + pod[what], 0);
}

function round(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: value < 100 ? 1 : 0 });
}

type Row = readonly (string | number)[];

interface Cost {
  readonly item: string;
  readonly number: number;
  readonly each: number;
  readonly usd: number;
}

if (import.meta.main) {
  const text = capacity(await Deno.readTextFile("deploy.yml"));
  await Deno.stdout.write(new TextEncoder().encode(text));
}
