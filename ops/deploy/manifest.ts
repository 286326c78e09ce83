import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from "yaml";
import { z } from "zod";

/**
 * Reads a multi-document Kubernetes manifest. Everything that is wrong with it comes back with its line, so that a
 * person finds it: syntax, objects without a name, the same object twice, namespaces that the manifest does not make.
 */
export function parseManifest(text: string): ParsedManifest {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  if (!Array.isArray(documents)) return { objects: [], mistakes: [{ line: 1, what: "Manifest is empty" }] };
  const mistakes: Mistake[] = [];
  const objects: KubernetesObject[] = [];
  for (const document of documents) {
    const problems = [...document.errors, ...document.warnings];
    mistakes.push(
      ...problems.map(({ pos, message }) => ({ line: lines.linePos(pos[0]).line, what: message })),
    );
    if (problems.length > 0 || document.contents === null) continue;
    const lineOf = (path: Path) => lines.linePos(offsetOf(document, path)).line;
    const body: unknown = document.toJS();
    const header = Header.safeParse(body);
    if (header.success) objects.push({ ...header.data, body, lineOf });
    for (const { path, message } of header.error?.issues ?? []) {
      mistakes.push({ line: lineOf(path.map(String)), what: `Object at "${path.join(".")}": ${message}` });
    }
  }
  mistakes.push(...twice(objects), ...strayNamespaces(objects));
  return { objects, mistakes };
}

/** As kubectl names it: `Deployment services/auth`. */
export function nameOf({ kind, metadata }: Pick<KubernetesObject, "kind" | "metadata">): string {
  return `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}

function twice(objects: readonly KubernetesObject[]): Mistake[] {
  const seen = new Set<string>();
  return objects.flatMap((object) => {
    const group = object.apiVersion.split("/").slice(0, -1).join();
    const key = `${group} ${nameOf(object)}`;
    if (seen.has(key)) return [mistakeAt(object, ["metadata", "name"], `${nameOf(object)} is there twice`)];
    seen.add(key);
    return [];
  });
}

function strayNamespaces(objects: readonly KubernetesObject[]): Mistake[] {
  const made = new Set(
    objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name),
  );
  return objects.flatMap((object) => {
    const { namespace } = object.metadata;
    if (namespace === undefined || made.has(namespace)) return [];
    return [mistakeAt(object, ["metadata", "namespace"], `Namespace "${namespace}" is not made here`)];
  });
}

function mistakeAt({ lineOf }: KubernetesObject, path: Path, what: string): Mistake {
  return { line: lineOf(path), what };
}

/** Where the key at the end of the path stands, or as near above it as the document goes. */
function offsetOf(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const key of path) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      offset = startOf(pair?.key) ?? offset;
      next = pair?.value;
    } else if (isSeq(node)) {
      next = node.items[Number(key)];
      offset = startOf(next) ?? offset;
    }
    node = next;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value);
}

const text = z.string("must be a text").min(1, "must not be empty");
const Header = z.object({
  apiVersion: text,
  kind: text,
  metadata: z.object({ name: text, namespace: text.optional() }, "must be an object with a name"),
}, "must be an object with apiVersion, kind and metadata");

export interface ParsedManifest {
  readonly objects: readonly KubernetesObject[];
  readonly mistakes: readonly Mistake[];
}

export interface KubernetesObject extends z.output<typeof Header> {
  readonly body: unknown;
  /** The line, from 1, of what stands at the path. */
  readonly lineOf: (path: Path) => number;
}

/** Keys of objects and indexes of lists, from the top of one object. */
export type Path = readonly string[];

export interface Mistake {
  /** From 1. */
  readonly line: number;
  readonly what: string;
}
