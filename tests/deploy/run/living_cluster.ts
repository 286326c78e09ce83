import { join } from "node:path";
import { sleep } from "../../../shared/resilience/backoff.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import type { ClusterTools } from "./cluster_tools.ts";
import { playedStatuses } from "./played_statuses.ts";
import { startProgram } from "./program.ts";

/**
 * A cluster in which roll-outs take their course: to the real API server come Kubernetes' own controllers, which make
 * and replace the pods. There are no nodes and no operators here, so what these would report is written by us.
 */
export async function startLivingCluster(tools: ClusterTools, options: LifeOptions): Promise<Cluster> {
  await using started = new AsyncDisposableStack();
  const cluster = started.use(await startCluster(tools));
  started.use(startProgram(tools.controllerManager, [
    `--kubeconfig=${cluster.kubeconfig}`,
    `--controllers=${CONTROLLERS.join(",")}`,
    "--leader-elect=false",
    "--secure-port=0",
    "--horizontal-pod-autoscaler-sync-period=1s",
  ], { log: join(cluster.folder, "kube-controller-manager.log") }));
  const stop = new AbortController();
  const playing = play(cluster, options, stop.signal);
  playing.catch(() => {}); // told at the end
  started.defer(async () => {
    stop.abort();
    await playing;
  });
  const running = started.move();
  return { ...cluster, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

export interface LifeOptions {
  /** No node can pull images of this tag. */
  readonly notBuilt: string;
}

async function play(cluster: Cluster, { notBuilt }: LifeOptions, signal: AbortSignal): Promise<void> {
  for (; !signal.aborted; await sleep(500, signal)) {
    const seen = await cluster.kubectl(["get", PLAYED, "--all-namespaces", "--output=json"]);
    if (seen.kind !== "ended" || seen.code !== 0) continue; // the definitions are not there yet
    const statuses = playedStatuses(JSON.parse(seen.stdout), { notBuilt, now: new Date() });
    if (statuses.length === 0) continue;
    const ran = await cluster.kubectl(APPLY_STATUS, {
      stdin: statuses.map((one) => JSON.stringify(one)).join("\n---\n"),
    });
    // A pod may be gone by now, or another with its name be there.
    const faults = ran.kind === "ended"
      ? ran.stderr.split("\n").filter((line) => !/^$|NotFound|Conflict/.test(line))
      : [ran.kind];
    if (faults.length > 0) throw new Error(`Write statuses failed: ${faults[0]}`);
  }
}

const CONTROLLERS = [
  "deployment-controller",
  "replicaset-controller",
  "statefulset-controller",
  "horizontal-pod-autoscaler-controller",
  "garbage-collector-controller",
];

const PLAYED =
  "pods,clusters.postgresql.cnpg.io,kafkas.kafka.strimzi.io,mongodbcommunity.mongodbcommunity.mongodb.com";
const APPLY_STATUS = [
  "apply",
  "--server-side",
  "--subresource=status",
  "--force-conflicts",
  "--field-manager=played",
  "--filename=-",
];
