import { existsSync } from "node:fs";
import { join } from "node:path";
import { stackVariables } from "../../shared/config/stack_file.ts";

/** Leads a system of the test's own away from the servers of `stack up`, which are others' too. */
export async function withoutStack(): Promise<Readonly<Record<string, string>>> {
  const environment = Deno.env.toObject();
  if (!existsSync(join(environment["STACK_DIR"] ?? ".stack", "env"))) return {};
  const names = Object.keys(await stackVariables(environment));
  return Object.fromEntries(names.filter((name) => !name.startsWith("GOV_")).map((name) => [name, ""]));
}
