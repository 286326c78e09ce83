import { Ajv, type ErrorObject } from "ajv";
import { closest } from "fastest-levenshtein";
import { strictSchemas } from "../../tests/deploy/schemas/strict_schemas.ts";
import { type KubernetesObject, type Mistake, nameOf } from "./manifest.ts";

/**
 * Holds each object against the schema that the API server would use, so that a misspelt field is found with its line
 * and without a server. A kind whose schema is not kept is a mistake too: nobody would notice its typos.
 */
export async function schemaMistakes(objects: readonly KubernetesObject[]): Promise<readonly Mistake[]> {
  const schemas = await (kept ??= strictSchemas());
  const found = objects.flatMap((object) => {
    const schema = schemas.get(fileOf(object));
    if (schema === undefined) {
      const type = `${object.apiVersion} ${object.kind}`;
      return [{
        line: object.lineOf(["kind"]),
        what: `No schema of ${type} is kept in tests/deploy/schemas`,
      }];
    }
    const validate = ajv.compile(schema);
    validate(object.body);
    return (validate.errors ?? []).filter(({ keyword }) => !COMBINING.has(keyword)).map((error) =>
      toMistake(object, error)
    );
  });
  return onePerLine(found);
}

function toMistake(object: KubernetesObject, error: ErrorObject): Mistake {
  const path = error.instancePath.split("/").slice(1).map((key) =>
    key.replaceAll("~1", "/").replaceAll("~0", "~")
  );
  const where = `${path.join(".") || "top"} of ${nameOf(object)}`;
  if (error.keyword !== "additionalProperties") {
    return { line: object.lineOf(path), what: `${where} ${error.message ?? "is wrong"}` };
  }
  const field = String(error.params["additionalProperty"]);
  const known = Object.keys(error.parentSchema?.["properties"] ?? {});
  const meant = known.length > 0 ? `, is "${closest(field, known)}" meant?` : "";
  return { line: object.lineOf([...path, field]), what: `Unknown field "${field}" at ${where}${meant}` };
}

let kept: ReturnType<typeof strictSchemas> | undefined;
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true, verbose: true });

/** "Either … or …" fails together with each of its parts. */
const COMBINING = new Set(["anyOf", "oneOf", "allOf", "if"]);

function onePerLine(mistakes: readonly Mistake[]): readonly Mistake[] {
  return [...new Map(mistakes.toReversed().map((mistake) => [mistake.line, mistake])).values()].toReversed();
}

/** As kubeconform names schema files. */
function fileOf({ apiVersion, kind }: KubernetesObject): string {
  const [version, group] = apiVersion.split("/").toReversed();
  return `${
    [kind.toLowerCase(), ...(group === undefined ? [] : [group.split(".")[0]]), version].join("-")
  }.json`;
}
