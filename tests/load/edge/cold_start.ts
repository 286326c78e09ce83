import { join } from "node:path";
import { run } from "../../../ops/deploy/run.ts";
import { openEdgeWorld } from "../../deploy/edge_world.ts";
import { percentiles } from "../samples.ts";
import type { Context } from "../scenario.ts";

/**
 * From the start of a process to the first answer of the edge as runtimes load it that start and stop it as they like:
 * the bundle, its sources, and for comparison a module that does nothing.
 */
export async function coldStart({ folder, quick, samples, signal }: Context): Promise<void> {
  const world = await openEdgeWorld({});
  try {
    const [bundle, empty, first] = ["edge.mjs", "empty.mjs", "first.mjs"].map((name) => join(folder, name));
    await Deno.writeTextFile(
      empty ?? "",
      "export default { fetch: () => new Response(null, { status: 401 }) };",
    );
    await Deno.writeTextFile(first ?? "", FIRST_ANSWER);
    await started(
      ["bundle", "--quiet", "--minify", "--platform", "browser", "--output", bundle ?? "", SOURCES],
      {},
      signal,
    );
    const modules = { "ours": bundle, "sources": SOURCES, "an empty module": empty };
    const taken = new Map<string, number[]>();
    for (let round = -WARM_UP; round < (quick ? 4 : 20); round++) {
      // One of each in turn, so that what else the machine does meets all of them alike.
      for (const [name, module] of Object.entries(modules)) {
        const args = ["run", "--allow-all", "--no-check", `--config=${CONFIG}`, first ?? "", module ?? ""];
        const ms = await started(args, world.variables, signal);
        if (round >= 0) taken.set(name, [...taken.get(name) ?? [], ms]);
      }
    }
    for (const [name, ms] of taken) samples.add("edge, cold start", name, percentiles(ms), NOTES[name]);
  } finally {
    await world.close();
  }
}

async function started(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<number> {
  const begun = performance.now();
  const ran = await run(Deno.execPath(), args, { env, signal });
  if (ran.kind === "ended" && ran.code === 0) return performance.now() - begun;
  throw new Error(`Run "deno ${args.join(" ")}" failed: ${ran.kind === "ended" ? ran.stderr : ran.kind}`);
}

/** A 401 needs nobody but the edge. */
const FIRST_ANSWER = `
import process from "node:process";
const { default: edge } = await import(process.argv[2]);
const { status } = await edge.fetch(new Request("http://edge.invalid/stats"));
process.exit(status === 401 ? 0 : 1);
`;
const CHECKOUT = join(import.meta.dirname ?? "", "../../..");
const CONFIG = join(CHECKOUT, "deno.json");
const SOURCES = join(CHECKOUT, "edge/deploy.ts");
const NOTES: Readonly<Record<string, string>> = { ours: "the bundle" };
const WARM_UP = 1;
