import { customDefinitions } from "../schemas/strict_schemas.ts";
import type { Cluster } from "./cluster.ts";

/** Installs the operators' definitions, without the operators; answers how many. */
export async function takeDefinitions(cluster: Cluster): Promise<number> {
  const items = await customDefinitions();
  const stdin = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await cluster.must(["apply", "--server-side", "--validate=strict", "--filename=-"], { stdin });
  const names = items.map(({ metadata }) => `crd/${metadata.name}`);
  await cluster.must(["wait", "--for=condition=Established", "--timeout=60s", ...names]);
  return items.length;
}
