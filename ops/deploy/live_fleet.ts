import type { Checklist } from "./checklist.ts";
import { Cluster, type Difference } from "./cluster.ts";
import { type KubernetesObject, nameOf, parseManifest } from "./manifest.ts";
import { forgottenBy, type LiveFleet } from "./plan.ts";
import { requiredSecrets } from "./secrets.ts";
import { Refused, type World } from "./world.ts";

/**
 * Looks at the cluster and compares it with the manifest; changes nothing. `undefined` where the checklist leaves
 * open what cannot be reached.
 */
export async function lookAtFleet(
  objects: readonly KubernetesObject[],
  chosen: string | undefined,
  list: Checklist,
  world: World,
): Promise<LiveFleet | undefined> {
  const context = await list.access("context", () => findContext(chosen, world), ({ name, server }) => {
    return `"${name}", the cluster at ${server}`;
  });
  if (context === undefined) return undefined;
  const cluster = new Cluster(context.name, world, world.stop);
  const served = await list.access("operators", () => checkServed(cluster, objects), (count) => {
    return `the cluster serves the ${count} API versions of deploy.yml`;
  });
  if (served === undefined) return undefined;
  await list.access("secrets", () => checkSecrets(cluster, objects), (count) => {
    return `the ${count} that deploy.yml refers to exist`;
  });
  const previous = await cluster.release();
  const forgotten = previous ? forgottenBy(objects, parseManifest(previous.manifest).objects) : [];
  return { cluster, differences: await compare(cluster, objects), previous, forgotten };
}

/** The context to deploy to and its server, for a person to recognise. */
async function findContext(
  chosen: string | undefined,
  { run, stop }: World,
): Promise<{ name: string; server: string }> {
  const config = (...args: string[]) => run("kubectl", ["config", ...args], { signal: stop });
  const current = await config("current-context");
  if (current.kind === "missing") throw new Refused("Install kubectl: there is none on the PATH");
  const name = chosen ?? (current.kind === "ended" ? current.stdout.trim() : "");
  if (name === "") throw new Refused("Name the cluster with --context: kubectl has no current context");
  const server = await config("view", "--minify", `--context=${name}`, `--output=jsonpath=${SERVER}`);
  if (server.kind === "ended" && server.code === 0 && server.stdout !== "") {
    return { name, server: server.stdout };
  }
  throw new Refused(`Choose one of kubectl config get-contexts: there is no context "${name}"`);
}

async function checkServed(cluster: Cluster, objects: readonly KubernetesObject[]): Promise<number> {
  const served = await cluster.served();
  const wanted = new Set(objects.map(({ apiVersion }) => apiVersion));
  const missing = [...wanted].filter((version) => !served.has(version));
  if (missing.length === 0) return wanted.size;
  throw new Refused(
    `Install the operators that deploy.yml names first: nothing serves ${missing.join(", ")}`,
  );
}

async function checkSecrets(cluster: Cluster, objects: readonly KubernetesObject[]): Promise<number> {
  const missing: string[] = [];
  let count = 0;
  for (const [namespace, names] of requiredSecrets(objects)) {
    const present = await cluster.secretNames(namespace);
    count += names.size;
    missing.push(...[...names.difference(present)].sort().map((name) => `${namespace}/${name}`));
  }
  if (missing.length === 0) return count;
  throw new Refused(`Create the secrets that deploy.yml refers to first: there is no ${missing.join(", ")}`);
}

/** In a namespace that does not exist yet nothing can be compared: what belongs there is new. */
async function compare(
  cluster: Cluster,
  objects: readonly KubernetesObject[],
): Promise<readonly Difference[]> {
  const existing = await cluster.namespaces();
  const isNew = ({ metadata: { namespace } }: KubernetesObject) =>
    namespace !== undefined && !existing.has(namespace);
  const comparable = objects.filter((object) => !isNew(object));
  return [
    ...await cluster.differences(comparable.map(({ body }) => JSON.stringify(body)).join("\n---\n")),
    ...objects.filter(isNew).map((object) => ({
      object: nameOf(object),
      kind: "create" as const,
      added: 0,
      removed: 0,
    })),
  ];
}

const SERVER = "{.clusters[0].cluster.server}";
