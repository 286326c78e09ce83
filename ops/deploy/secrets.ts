import type { KubernetesObject } from "./manifest.ts";

/**
 * The Secrets that must be in the cluster before its workloads can start, by namespace: what the manifest refers to,
 * less what it has made by cert-manager. Only names: nobody here needs a value.
 */
export function requiredSecrets(
  objects: readonly KubernetesObject[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const made = new Set(objects.flatMap(secretsMadeBy));
  const required = new Map<string, Set<string>>();
  for (const { metadata: { namespace }, body } of objects) {
    if (namespace === undefined) continue;
    for (const name of referencesIn(body)) {
      if (made.has(`${namespace}/${name}`)) continue;
      required.set(namespace, (required.get(namespace) ?? new Set()).add(name));
    }
  }
  return required;
}

function secretsMadeBy({ kind, metadata: { namespace }, body }: KubernetesObject): readonly string[] {
  const spec = isRecord(body) ? body["spec"] : undefined;
  const name = isRecord(spec) ? spec["secretName"] : undefined;
  return kind === "Certificate" && typeof name === "string" ? [`${namespace}/${name}`] : [];
}

/**
 * Every kind of resource has its own word for it (`secretKeyRef`, `passwordSecret`, `secretTargetRef`, a volume's
 * `secret`), but all hold the name under a key with "secret" in it, and only references hold one there.
 */
function referencesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const named = /secret/i.test(key) ? [inner].flat().flatMap(nameIn) : [];
    return named.length > 0 ? named : referencesIn(inner);
  });
}

function nameIn(reference: unknown): readonly string[] {
  if (!isRecord(reference) || reference["optional"] === true) return [];
  const name = reference["secretName"] ?? reference["name"];
  return typeof name === "string" ? [name] : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
