import { z } from "zod";
import { Refused, type World } from "./world.ts";

/**
 * What `terraform output -json` says of the cloud below the cluster, when somebody has put it into
 * ops/terraform/outputs.json; nothing where the cluster was made in another way.
 */
export async function readOutputs({ read }: Pick<World, "read">): Promise<Outputs> {
  const text = await read(FILE);
  if (text === undefined) return {};
  try {
    return Outputs.parse(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    throw new Refused(`Write ${FILE} again with: terraform -chdir=ops/terraform output -json > ${FILE}`);
  }
}

export type Outputs = z.output<typeof Outputs>;

const FILE = "ops/terraform/outputs.json";
const output = z.object({ value: z.string() }).transform(({ value }) => value).optional();
const Outputs = z.object({ kubernetes_context: output, public_url: output });
