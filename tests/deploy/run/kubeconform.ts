import { join } from "node:path";
import { z } from "zod";
import { run } from "../../../ops/deploy/run.ts";
import { OBJECTS } from "../fleet.ts";
import { strictSchemas } from "../schemas/strict_schemas.ts";
import type { Step } from "./finding.ts";
import { renderedManifest } from "./rendered.ts";
import { goTool } from "./tools.ts";

/** Holds every object against the real schema of its kind, and tries that a word too much is refused in each kind. */
export const kubeconform: Step = async (say) => {
  const program = await goTool("kubeconform", say);
  const folder = await Deno.makeTempDir({ prefix: "kependudukan-schemas-" });
  try {
    for (const [file, schema] of await strictSchemas()) {
      await Deno.writeTextFile(join(folder, file), JSON.stringify(schema));
    }
    const validate = (manifest: string) => validated(program, folder, manifest);
    const objects = await validate(await renderedManifest());
    const wrong = objects.filter(({ status }) => status !== "statusValid");
    const spoilt = await validate(spoiltManifest());
    const missed = spoilt.filter(({ status }) => status !== "statusInvalid");
    return {
      name: "kubeconform",
      summary: `${objects.length - wrong.length} of ${objects.length} objects valid, strict, against ${
        new Set(objects.map(({ version, kind }) => `${version} ${kind}`)).size
      } schemas of Kubernetes 1.37 and the operators; ${
        spoilt.length - missed.length
      } of ${spoilt.length} typos refused`,
      passed: objects.length - wrong.length + spoilt.length - missed.length,
      faults: [
        ...wrong.map(({ kind, name, msg }) => `${kind} ${name}: ${msg}`),
        ...missed.map(({ kind, name }) => `${kind} ${name}: a field that does not exist was not refused`),
      ],
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};

async function validated(program: string, folder: string, manifest: string): Promise<Resource[]> {
  const schemas = join(folder, "{{.ResourceKind}}{{.KindSuffix}}.json");
  const args = ["-strict", "-verbose", "-output", "json", "-schema-location", schemas, "-"];
  const ran = await run(program, args, { stdin: manifest });
  if (ran.kind !== "ended" || ran.stdout === "") {
    throw new Error(`Run kubeconform failed: ${JSON.stringify(ran)}`);
  }
  return Output.parse(JSON.parse(ran.stdout)).resources;
}

/** The first object of each kind with a field that its schema does not have. */
function spoiltManifest(): string {
  const firsts = new Map(
    OBJECTS.toReversed().map((object) => [`${object.apiVersion} ${object.kind}`, object.body]),
  );
  return [...firsts.values()].map((body) => {
    const object = z.looseObject({ spec: z.looseObject({}).optional() }).parse(body);
    const { spec } = object;
    return JSON.stringify(
      spec ? { ...object, spec: { ...spec, salahKetik: 1 } } : { ...object, salahKetik: 1 },
    );
  }).join("\n---\n");
}

const Resource = z.object({
  kind: z.string(),
  name: z.string(),
  version: z.string(),
  status: z.string(),
  msg: z.string(),
});
type Resource = z.output<typeof Resource>;
const Output = z.object({ resources: z.array(Resource) });
