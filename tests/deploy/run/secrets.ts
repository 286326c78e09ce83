import { requiredSecrets } from "../../../ops/deploy/secrets.ts";
import { OBJECTS } from "../fleet.ts";
import type { Cluster } from "./cluster.ts";

/** What Vault writes before the first deployment: the Secrets that deploy.yml refers to, here without a value. */
export async function makeSecrets(cluster: Cluster): Promise<void> {
  const secrets = requiredSecrets(OBJECTS);
  const items = [...secrets].flatMap(([namespace, names]) => [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    ...[...names].map((name) => ({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace } })),
  ]);
  const stdin = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await cluster.must(["apply", "--server-side", "--filename=-"], { stdin });
}
