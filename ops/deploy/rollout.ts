import type { Cluster, Readiness } from "./cluster.ts";
import { type KubernetesObject, nameOf } from "./manifest.ts";
import type { World } from "./world.ts";

/** Waits until the new pods of every workload serve. The first that fails ends the wait for all with its `Refused`. */
export function awaitRollout(
  cluster: Cluster,
  objects: readonly KubernetesObject[],
  wait: Wait,
): Promise<void> {
  return awaitAll(cluster, objects, WORKLOADS, wait);
}

/** The same for the servers that operators run. */
export function awaitServers(
  cluster: Cluster,
  objects: readonly KubernetesObject[],
  wait: Wait,
): Promise<void> {
  return awaitAll(cluster, objects, SERVERS, wait);
}

async function awaitAll(
  cluster: Cluster,
  objects: readonly KubernetesObject[],
  readiness: ReadonlyMap<string, Readiness>,
  { withinMs, signal, say }: Wait,
): Promise<void> {
  const halt = new AbortController();
  const failures: unknown[] = [];
  await Promise.all(objects.map(async (object) => {
    const how = readiness.get(`${object.apiVersion.split("/")[0]} ${object.kind}`);
    if (how === undefined) return;
    const onLine = (line: string) => say(`  ${nameOf(object).padEnd(34)} ${line}`);
    try {
      await cluster.ready(object, how, { withinMs, onLine, signal: AbortSignal.any([signal, halt.signal]) });
    } catch (error) {
      failures.push(error);
      halt.abort();
    }
  }));
  if (failures.length > 0) throw failures[0]; // the others were halted by it
}

export interface Wait {
  readonly withinMs: number;
  readonly signal: AbortSignal;
  readonly say: World["say"];
}

const WORKLOADS = new Map<string, Readiness>([
  ["apps Deployment", "rollout"],
  ["apps StatefulSet", "rollout"],
  ["apps DaemonSet", "rollout"],
]);

const SERVERS = new Map<string, Readiness>([
  ["postgresql.cnpg.io Cluster", "condition=Ready"],
  ["kafka.strimzi.io Kafka", "condition=Ready"],
  ["mongodbcommunity.mongodb.com MongoDBCommunity", "jsonpath={.status.phase}=Running"],
]);
