import { z } from "zod";

/**
 * The JSON Schemas of `core.jsonl` and `custom.jsonl` for kubeconform, by the file name that it looks for. What a
 * schema does not know is refused, as the API server's strict field validation does.
 */
export async function strictSchemas(): Promise<ReadonlyMap<string, object>> {
  const core = z.array(CoreDefinition).parse(await readLines("core.jsonl"));
  const $defs = Object.fromEntries(core.map(({ name, schema }) => [name, schema]));
  return new Map([...coreSchemas(core, $defs), ...customSchemas(await customDefinitions(), $defs)]);
}

/** The custom resource definitions of `custom.jsonl`, as the API server takes them. */
export async function customDefinitions(): Promise<readonly CustomDefinition[]> {
  return z.array(CustomDefinition).parse(await readLines("custom.jsonl"));
}

function* coreSchemas(definitions: readonly CoreDefinition[], $defs: object): Generator<[string, object]> {
  for (const { name, type } of definitions) {
    if (type === undefined) continue;
    const [apiVersion = "", kind = ""] = type.split(" ");
    yield [fileOf(apiVersion, kind), { $ref: `#/$defs/${name}`, $defs }];
  }
}

function* customSchemas(
  definitions: readonly CustomDefinition[],
  $defs: object,
): Generator<[string, object]> {
  for (const { spec: { group, names, versions } } of definitions) {
    for (const { name, schema: { openAPIV3Schema } } of versions) {
      const schema = strict(openAPIV3Schema);
      // A definition says no more of the metadata than that they are an object.
      const properties = { ...schema.properties, metadata: { $ref: OBJECT_META } };
      yield [fileOf(`${group}/${name}`, names.kind), { ...schema, properties, $defs }];
    }
  }
}

const OBJECT_META = "#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/** kubeconform's template `{{.ResourceKind}}{{.KindSuffix}}`: in lower case, of the group the first label. */
function fileOf(apiVersion: string, kind: string): string {
  const [version, group] = apiVersion.split("/").reverse();
  return [kind.toLowerCase(), ...(group === undefined ? [] : [group.split(".")[0]]), `${version}.json`].join(
    "-",
  );
}

/** Closes what gives shape; `anyOf` and its kin give conditions on a shape that is known already. */
function strict(schema: Schema): Schema {
  const { properties, items, additionalProperties, nullable, type } = schema;
  const closed: Schema = { ...schema };
  if (nullable === true && typeof type === "string") closed.type = [type, "null"];
  if (items !== undefined) closed.items = strict(items);
  if (typeof additionalProperties === "object") closed.additionalProperties = strict(additionalProperties);
  if (properties === undefined) return closed;
  closed.properties = Object.fromEntries(
    Object.entries(properties).map(([name, part]) => [name, strict(part)]),
  );
  const open = additionalProperties !== undefined || schema["x-kubernetes-preserve-unknown-fields"] === true;
  return open ? closed : { ...closed, additionalProperties: false };
}

async function readLines(file: string): Promise<unknown[]> {
  const text = await Deno.readTextFile(new URL(file, import.meta.url));
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

interface Schema {
  [keyword: string]: unknown;
  type?: string | string[] | undefined;
  properties?: Record<string, Schema> | undefined;
  items?: Schema | undefined;
  additionalProperties?: Schema | boolean | undefined;
}

const Schema: z.ZodType<Schema> = z.lazy(() =>
  z.looseObject({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    properties: z.record(z.string(), Schema).optional(),
    items: Schema.optional(),
    additionalProperties: z.union([z.boolean(), Schema]).optional(),
  })
);

const CoreDefinition = z.object({
  name: z.string(),
  /** `apiVersion kind` of what can stand in a manifest by itself. */
  type: z.string().optional(),
  schema: z.looseObject({}),
});
type CoreDefinition = z.output<typeof CoreDefinition>;

const CustomDefinition = z.looseObject({
  metadata: z.object({ name: z.string() }),
  spec: z.looseObject({
    group: z.string(),
    names: z.looseObject({ kind: z.string() }),
    versions: z.array(z.looseObject({ name: z.string(), schema: z.object({ openAPIV3Schema: Schema }) })),
  }),
});
export type CustomDefinition = z.output<typeof CustomDefinition>;
