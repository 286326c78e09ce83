import { generateKeyPairSync, randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Ran, run, type RunOptions } from "../../../ops/deploy/run.ts";
import { sleep } from "../../../shared/resilience/backoff.ts";
import type { ClusterTools } from "./cluster_tools.ts";
import { type Program, startProgram } from "./program.ts";

/**
 * A real API server and etcd on 127.0.0.1, empty, without controllers and nodes: it takes, checks and keeps objects,
 * and runs nothing. Ends with all it wrote when disposed.
 */
export async function startCluster({ etcd, apiServer, kubectl }: ClusterTools): Promise<Cluster> {
  await using started = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "kependudukan-cluster-" });
  started.defer(() => Deno.remove(folder, { recursive: true }));
  const [client, peer, secure] = [freePort(), freePort(), freePort()];
  const etcdUrl = `http://127.0.0.1:${client}`;
  const start = (name: string, program: string, args: readonly string[]) =>
    started.use(startProgram(program, args, { log: join(folder, `${name}.log`) }));

  start("etcd", etcd, [
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    "--unsafe-no-fsync",
  ]);
  const token = randomBytes(16).toString("hex");
  await Deno.writeTextFile(join(folder, "tokens.csv"), `${token},admin,admin,system:masters\n`);
  const keyFile = join(folder, "service-accounts.pem");
  await Deno.writeTextFile(keyFile, newKey());
  const server = start("kube-apiserver", apiServer, [
    `--etcd-servers=${etcdUrl}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${secure}`,
    `--cert-dir=${join(folder, "certificates")}`,
    `--token-auth-file=${join(folder, "tokens.csv")}`,
    "--authorization-mode=RBAC",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${keyFile}`,
    `--service-account-signing-key-file=${keyFile}`,
    "--service-cluster-ip-range=10.96.0.0/16",
    // It would publish its address, which is none that others can reach.
    "--endpoint-reconciler-type=none",
    // No controller makes the account that pods would need.
    "--disable-admission-plugins=ServiceAccount",
  ]);
  const kubeconfig = join(folder, "kubeconfig.json");
  await Deno.writeTextFile(kubeconfig, JSON.stringify(configOf(`https://127.0.0.1:${secure}`, token)));
  const ask: Cluster["kubectl"] = (args, options) =>
    run(kubectl, [`--kubeconfig=${kubeconfig}`, ...args], options);
  await untilReady(ask, server);
  const running = started.move();
  return {
    folder,
    kubeconfig,
    kubectl: ask,
    async must(args, options) {
      const ran = await ask(args, options);
      if (ran.kind === "ended" && ran.code === 0) return ran.stdout;
      throw new Error(`Run "kubectl ${args.join(" ")}" failed: ${JSON.stringify(ran)}`);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

export interface Cluster extends AsyncDisposable {
  /** Where it keeps its files; goes with it. */
  readonly folder: string;
  /** A file for any client, with all rights, whose one context is called "try". */
  readonly kubeconfig: string;
  kubectl(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** What kubectl printed; throws when it fails. */
  must(args: readonly string[], options?: RunOptions): Promise<string>;
}

async function untilReady(kubectl: Cluster["kubectl"], server: Program): Promise<void> {
  const deadline = performance.now() + READY_MS;
  while (performance.now() < deadline && !server.over) {
    const ran = await kubectl(["get", "--raw", "/readyz", "--request-timeout=2s"]);
    if (ran.kind === "ended" && ran.code === 0) return;
    await sleep(500, AbortSignal.timeout(READY_MS));
  }
  throw new Error(`Start the API server failed: ${await server.lastWords()}`);
}

function configOf(server: string, token: string): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    // Its certificate is made at the start by itself; the connection does not leave this machine.
    clusters: [{ name: "try", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "try", context: { cluster: "try", user: "admin" } }],
    "current-context": "try",
  };
}

function newKey(): string {
  return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
    type: "pkcs8",
    format: "pem",
  }).toString();
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

const READY_MS = 120_000;
