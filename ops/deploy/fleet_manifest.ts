import { z } from "zod";
import { type KubernetesObject, type Mistake, parseManifest } from "./manifest.ts";
import { productionRealm } from "../keycloak/production_realm.ts";
import { schemaMistakes } from "./schema_check.ts";
import { Refused, type World } from "./world.ts";

/**
 * deploy.yml as it will be applied: with the tag of the images, and with the realm of Keycloak as a ConfigMap. Throws
 * `Refused` with file and line of each mistake.
 */
export async function readFleetManifest(tag: string, { read }: Pick<World, "read">): Promise<FleetManifest> {
  const source = await read(FILE);
  const realm = await read(REALM.file);
  if (source === undefined) {
    throw new Refused(`Run deploy in the root of the checkout: there is no ${FILE} here`);
  }
  if (realm === undefined) {
    throw new Refused(`Run deploy in the root of the checkout: there is no ${REALM.file} here`);
  }
  const deployed = parseManifest(putTag(source, tag));
  const mistakes = [...deployed.mistakes, ...await schemaMistakes(deployed.objects)];
  if (!TAG.test(source)) mistakes.push({ line: 1, what: 'No image ends with ":IMAGE_TAG"' });
  if (mistakes.length > 0) throw new Refused(listOf(mistakes));
  const text = renderManifest(source, { tag, realm });
  const { objects } = parseManifest(text);
  return { objects, text, publicUrl: publicUrlOf(objects) };
}

/** What is applied: the file with the tag of its images, and of the realm what production has. */
export function renderManifest(source: string, { tag, realm }: { tag: string; realm: string }): string {
  const configMap = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: REALM.name, namespace: REALM.namespace },
    data: { [REALM.key]: productionRealm(realm) },
  };
  return `${putTag(source, tag).trimEnd()}\n---\n${JSON.stringify(configMap)}\n`;
}

function putTag(source: string, tag: string): string {
  return source.replaceAll(new RegExp(TAG, "gm"), `:${tag}`);
}

function listOf(mistakes: readonly Mistake[]): string {
  const ordered = mistakes.toSorted((one, other) => one.line - other.line);
  return ordered.map(({ line, what }) => `${FILE}:${line}: ${what}`).join("\n");
}

/** The host of the first Ingress with TLS. */
function publicUrlOf(objects: readonly KubernetesObject[]): string | undefined {
  for (const { body } of objects) {
    const ingress = Ingress.safeParse(body);
    if (ingress.success) return `https://${ingress.data.spec.tls[0].hosts[0]}`;
  }
  return undefined;
}

export interface FleetManifest {
  readonly text: string;
  readonly objects: readonly KubernetesObject[];
  readonly publicUrl: string | undefined;
}

const FILE = "deploy.yml";
const REALM = {
  file: "ops/keycloak/gov-realm-realm.json",
  namespace: "services",
  name: "keycloak-realm",
  key: "gov-realm-realm.json",
};
const TAG = /:IMAGE_TAG$/m;

const Ingress = z.object({
  kind: z.literal("Ingress"),
  spec: z.object({ tls: z.tuple([z.object({ hosts: z.tuple([z.string()], z.string()) })], z.unknown()) }),
});
